"""Reads of tracking."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from core.money import Money
from logistics.carriers.models import Carrier
from logistics.carriers.ports import CarrierScan
from logistics.contracts import ShipmentState, ShipmentView, TimelineEntry, TrackingStatus
from logistics.rates.rules import ROUTE_SERVICE
from logistics.shipments.legs import list_all_legs, list_legs
from logistics.shipments.models import ShipmentLeg
from logistics.shipments.selectors import get_shipment
from logistics.tracking.merging import merge
from logistics.tracking.models import CodeMapping, LaneGap, TrackingEvent, WebhookMessage
from logistics.tracking.rules import MIN_GAPS, SILENCE_QUANTILE, Happening
from logistics.tracking.timeline import build

MAX_EVENTS_SHOWN = 200
_STATUS = {status.value: status for status in TrackingStatus}


def code_statuses(pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], TrackingStatus | None]:
    """What the operator said these (carrier, code) pairs mean; None while nobody said. One query, none for no pairs."""
    wanted = set(pairs)
    if not wanted:
        return {}
    rows = CodeMapping.objects.filter(raw_code__in={code for _, code in wanted})
    return {(row.carrier_code, row.raw_code): TrackingStatus(row.status) if row.status else None for row in rows}


def happenings(shipment_ids: Iterable[UUID]) -> dict[UUID, list[Happening]]:
    """Shipment -> its history for the rules, with the operator's mappings applied; two queries at most."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT shipment_id, carrier_event_id, status, occurred_at::text, corrects, leg, carrier_code, raw_code"
            " FROM logistics_trackingevent WHERE shipment_id = ANY(%s)",
            [list(set(shipment_ids))],
        )
        rows = cursor.fetchall()
    mapped = code_statuses((row[6], row[7]) for row in rows if row[2] == TrackingStatus.UNKNOWN)
    found: dict[UUID, list[Happening]] = defaultdict(list)
    for shipment_id, event_id, status, occurred_at, corrects, leg, carrier_code, raw_code in rows:
        meaning = _STATUS[status]
        if meaning is TrackingStatus.UNKNOWN:
            meaning = mapped.get((carrier_code, raw_code)) or TrackingStatus.UNKNOWN
        found[shipment_id].append(Happening(event_id, meaning, datetime.fromisoformat(occurred_at), corrects, leg))
    return found


def meanings_of(scans: Iterable[CarrierScan]) -> dict[tuple[str, str], TrackingStatus]:
    """What codes of these scans that are outside of the carriers' tables mean by the operator's word."""
    unknown = {(scan.carrier_code, scan.code) for scan in scans if scan.status is TrackingStatus.UNKNOWN}
    return {pair: status for pair, status in code_statuses(unknown).items() if status}


def list_events(shipment_id: UUID) -> list[TrackingEvent]:
    """The newest events of a shipment, newest first."""
    return list(
        TrackingEvent.objects.filter(shipment_id=shipment_id).order_by("-occurred_at", "-id")[:MAX_EVENTS_SHOWN]
    )


def known_event_ids(shipment_ids: Iterable[UUID]) -> set[tuple[UUID, str]]:
    return set(
        TrackingEvent.objects.filter(shipment_id__any_of=list(set(shipment_ids))).values_list(
            "shipment_id", "carrier_event_id"
        )
    )


def list_due_messages(*, now: datetime, limit: int) -> list[WebhookMessage]:
    """Webhooks that came in and were not worked off."""
    return list(WebhookMessage.objects.filter(processed_at=None, due_at__lte=now).order_by("id")[:limit])


def shipments_with_code(carrier_code: str, raw_code: str) -> list[UUID]:
    """Shipments whose history has the code."""
    return list(
        TrackingEvent.objects.filter(carrier_code=carrier_code, raw_code=raw_code)
        .order_by("shipment_id")
        .values_list("shipment_id", flat=True)
        .distinct()
    )


def pushing_carriers() -> set[str]:
    """Codes of carriers that send webhooks."""
    return set(Carrier.objects.filter(pushes_webhooks=True).values_list("code", flat=True))


def lane_gaps() -> dict[tuple[str, str], timedelta]:
    """(service, destination country) -> the longest usual silence; one small query."""
    rows = LaneGap.objects.filter(gaps__gte=MIN_GAPS).values_list("service_id", "destination_country", "hours")
    return {(service, country): timedelta(hours=hours) for service, country, hours in rows}


def measure_lane_gaps(*, now: datetime) -> list[tuple[str, str, int, int]]:
    """(service, destination country, hours at the quantile, gaps) of parcels that arrived in the last half year."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT service_id, destination_country,"
            " ceil(percentile_cont(%(share)s) WITHIN GROUP (ORDER BY extract(epoch FROM gap) / 3600))::int, count(*)"
            " FROM (SELECT s.service_id, s.destination_country,"
            "  e.occurred_at - lag(e.occurred_at) OVER (PARTITION BY e.shipment_id ORDER BY e.occurred_at, e.id) AS gap"
            "  FROM logistics_trackingevent e JOIN logistics_shipment s ON s.id = e.shipment_id"
            "  WHERE s.delivered_at > %(since)s AND s.delivered_at <= %(now)s AND e.source <> 'PLATFORM') g"
            " WHERE gap IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2",
            {"share": SILENCE_QUANTILE, "since": now - timedelta(days=180), "now": now},
        )
        return [(row[0], row[1], max(int(row[2]), 1), int(row[3])) for row in cursor.fetchall()]


def last_events(shipment_ids: Iterable[UUID]) -> dict[UUID, tuple[int, datetime]]:
    """Shipment -> (id, moment) of its latest event by the carrier's clock; one query."""
    rows = (
        TrackingEvent.objects.filter(shipment_id__any_of=list(set(shipment_ids)))
        .order_by("shipment_id", "-occurred_at", "-id")
        .distinct("shipment_id")
        .values_list("shipment_id", "id", "occurred_at")
    )
    return {shipment: (event, at) for shipment, event, at in rows}


def timeline(shipment_id: UUID) -> tuple[TimelineEntry, ...]:
    """The parcel's story, newest first. Raises ShipmentNotFound."""
    return timeline_of(get_shipment(shipment_id))


def timeline_of(shipment: ShipmentView, *, is_public: bool = False) -> tuple[TimelineEntry, ...]:
    """`timeline` for a shipment already read; the public one reveals nothing private."""
    legs = legs_of_shipment(shipment)
    carriers = [leg.carrier.name for leg in legs]
    return build(shipment, list_events(shipment.shipment_id), carriers=carriers, is_public=is_public)


def legs_of_shipment(shipment: ShipmentView) -> list[ShipmentLeg]:
    """The legs of a shipment already read; no query for one that a single carrier carries."""
    return list_legs(shipment.shipment_id) if shipment.service_code == ROUTE_SERVICE else []


@dataclass(frozen=True, slots=True)
class LegView:
    """A leg as the parties of a parcel see it. `state`: BOOKING, BOOKED, UNDER_WAY, DONE or REPLACED."""

    number: int
    carrier_code: str
    carrier_name: str
    service_name: str
    start: str
    end: str
    carrier_number: str
    state: str
    note: str
    price: Money


def list_leg_views(shipment: ShipmentView) -> list[LegView]:
    """The legs with where they stand by the carriers' news, those whose carrier was replaced too; two queries, none for a
    parcel of one carrier."""
    if shipment.service_code != ROUTE_SERVICE:
        return []
    legs = list_all_legs(shipment.shipment_id)
    last = max((leg.number for leg in legs), default=0)
    history = happenings([shipment.shipment_id]).get(shipment.shipment_id, [])
    begun = [step.leg for step in merge(history, last).begun]
    is_over = shipment.status not in {ShipmentState.BOOKING, ShipmentState.BOOKED, ShipmentState.HANDED_OVER}
    return [_leg_view(leg, begun, is_over) for leg in legs]


def _leg_view(leg: ShipmentLeg, begun: Sequence[int], is_over: bool) -> LegView:
    state = "BOOKED" if leg.carrier_number else "BOOKING"
    if leg.replaced_at is not None:
        state = "REPLACED"
    elif begun and leg.number <= begun[-1]:
        state = "UNDER_WAY" if leg.number == begun[-1] and not is_over else "DONE"
    return LegView(
        number=leg.number, carrier_code=leg.carrier_id, carrier_name=leg.carrier.name, service_name=leg.service.name,
        start=leg.start.city if leg.start else "", end=leg.end.city if leg.end else "",
        carrier_number=leg.carrier_number, state=state, note=leg.error, price=leg.price,
    )  # fmt: skip
