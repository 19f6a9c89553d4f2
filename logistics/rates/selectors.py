"""Reads of rates: the table in force, kept in the process until its version or revision changes."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from typing import cast

from django.conf import settings
from django.db import connection

from core.money import Money
from core.statements import Prepared
from logistics.carriers.models import Carrier
from logistics.contracts import DeliveryKind, HandlingMark, UnknownService
from logistics.promises.selectors import find_active_promise
from logistics.rates.handling import Rule
from logistics.rates.models import Conversion, HandlingRule, Holiday, LaneScore, Rate, RateStep, Service, Zone
from logistics.rates.rules import ROUTE_GATEWAY, LaneRow, OnTime, RateTable, ServiceRow

_cached: tuple[tuple[int, int, int, bool], RateTable] | None = None
_service = Prepared(lambda code: Service.objects.select_related("carrier").filter(code=code)[:1], code=str)
_NEWEST = """
SELECT version, revision, (SELECT coalesce(sum(revision), 0) FROM logistics_carrierhealth), (
    SELECT array_agg(carrier_id) FROM logistics_carrierhealth
    WHERE tokens + greatest(extract(epoch FROM %s - tokens_at), 0) * calls_per_minute * 1000 / 60 < 1000
) FROM logistics_ratesheet WHERE published_at IS NOT NULL ORDER BY version DESC LIMIT 1
"""
"""The sheet in force; a figure that grows when a carrier is given a rest or comes back; and the carriers that grant no
further call at a moment (`carriers.rules.refilled` says the same of one)."""


def current_table(*, now: datetime) -> tuple[RateTable, frozenset[str]]:
    """The rate table in force, and the carriers whose budget of calls is spent: one query when this process has the table.

    Raises UnknownService without rates.
    """
    global _cached
    sandbox = bool(settings.LONJA["SANDBOX"])
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, [now])
        newest = cursor.fetchone()
    if newest is None:
        raise UnknownService("No rates are published.")
    key = (newest[0], newest[1], int(newest[2]), sandbox)
    held = _cached
    if held is None or held[0] != key:
        held = (key, _load(newest[0], sandbox=sandbox))
        _cached = held
    return held[1], frozenset(newest[3] or ())


def get_service(code: str) -> Service:
    """Raises UnknownService."""
    service = _service.first(code=code)
    if service is None:
        raise UnknownService()
    return service


def _load(version: int, *, sandbox: bool) -> RateTable:
    holidays = list(Holiday.objects.all())
    zones = list(Zone.objects.all())
    return RateTable(
        version=version,
        services=tuple(
            _service_row(service, sandbox=sandbox)
            for service in Service.objects.select_related("carrier__health").exclude(carrier__gateway=ROUTE_GATEWAY)
            if _has_account(service.carrier)
        ),
        zones={zone.country: zone.zone for zone in zones},
        time_zones={zone.country: zone.time_zone for zone in zones},
        lanes=_lanes(version),
        fixed_holidays=frozenset((h.country, h.month, h.day) for h in holidays if h.year is None),
        dated_holidays=frozenset((h.country, date(h.year, h.month, h.day)) for h in holidays if h.year is not None),
        conversions={(row.base, row.currency): row.millionths for row in Conversion.objects.all()},
        scores=_scores(),
        handling=tuple(
            Rule(HandlingMark(r.mark), r.carrier_id or "", r.service_id or "", r.country, r.is_taken, r.most_days)
            for r in HandlingRule.objects.all()
        ),
        promise=find_active_promise(),
    )


def _scores() -> dict[tuple[str, str, str], OnTime]:
    """Each lane's figures, and those of all lanes of a service together."""
    found: dict[tuple[str, str, str], OnTime] = {}
    for row in LaneScore.objects.all():
        found[row.service_id, row.origin_country, row.destination_country] = OnTime(row.scored, row.kept)
        before = found.get((row.service_id, "", ""), OnTime(0, 0))
        found[row.service_id, "", ""] = OnTime(before.scored + row.scored, before.kept + row.kept)
    return found


def _lanes(version: int) -> dict[tuple[str, str, str], LaneRow]:
    steps: dict[int, list[tuple[int, Money]]] = defaultdict(list)
    for step in RateStep.objects.filter(rate__sheet_id=version).order_by("rate_id", "up_to_grams"):
        steps[step.rate_id].append((step.up_to_grams, Money(step.price_minor, step.currency)))
    return {
        (rate.service_id, rate.origin_zone, rate.destination_zone): LaneRow(
            p10_days=rate.p10_days, p50_days=rate.p50_days, p90_days=rate.p90_days, steps=tuple(steps[rate.id])
        )
        for rate in Rate.objects.filter(sheet_id=version)
    }


def _has_account(carrier: Carrier) -> bool:
    """A real carrier we have no account with is none of our carriers."""
    if carrier.gateway != "karrio":
        return True
    return carrier.code in cast("dict[str, object]", settings.LONJA["CARRIER_CREDENTIALS"])


def _service_row(service: Service, *, sandbox: bool) -> ServiceRow:
    carrier = service.carrier
    return ServiceRow(
        code=service.code, name=service.name, carrier_code=carrier.code, carrier_name=carrier.name,
        is_active=service.is_active and carrier.is_active and (sandbox or carrier.gateway != "sandbox"),
        delivery_kind=DeliveryKind(service.delivery_kind), tracked=service.tracked,
        max_weight_grams=service.max_weight_grams, max_side_mm=service.max_side_mm,
        volumetric_divisor=service.volumetric_divisor, cutoff_hour=service.cutoff_hour,
        pickup_weekdays=frozenset(map(int, service.pickup_weekdays)),
        delivery_weekdays=frozenset(map(int, service.delivery_weekdays)), hubs_only=service.hubs_only,
        rests_until=getattr(carrier, "health", None) and carrier.health.rest_until,
    )  # fmt: skip
