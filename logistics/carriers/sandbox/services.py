"""The simulated carriers at work: what their counters, vans and computers do. They know nothing of the platform."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from core.errors import InvalidInput, NotFound
from core.statements import insert
from logistics.carriers.sandbox.models import SandboxParcel, SandboxScan, SandboxWebhook
from logistics.carriers.sandbox.rules import CODES, PlannedScan, parcel_number, plan_route

Json = dict[str, Any]
PUSHING_CARRIERS = frozenset({"ruta", "norte"})
ADVANCE_BATCH = 5_000
WEBHOOK_BATCH = 200
MAX_TRACKED = 500
MAX_ATTEMPTS = 10
DELIVERY_LEASE = timedelta(seconds=60)
FIRST_RETRY = timedelta(seconds=10)


def book(*, carrier_code: str, order: Json, now: datetime) -> Json:
    """Take an order for a parcel. The same reference gives the same number. Raises InvalidInput, NotFound."""
    _require_carrier(carrier_code)
    try:
        reference, service = str(order["reference"])[:80], str(order["service"])[:40]
        origin, destination = str(order["from"]["country"])[:2], str(order["to"]["country"])[:2]
        city = str(order["to"].get("city", ""))[:120]
    except (KeyError, TypeError, AttributeError):
        raise InvalidInput("The order lacks a field.") from None
    number = parcel_number(carrier_code, reference)
    insert(
        SandboxParcel(
            number=number, carrier_code=carrier_code, reference=reference, service_code=service,
            origin_country=origin, destination_country=destination, destination_city=city, booked_at=now,
        ), unless_there=True,
    )  # fmt: skip
    return {"number": number, "reference": reference}


def collect(*, carrier_code: str, order: Json) -> Json:
    """Take an order to come and collect. The same reference gives the same number. Raises InvalidInput, NotFound."""
    _require_carrier(carrier_code)
    try:
        reference, opens, closes = (str(order[name])[:80] for name in ("reference", "from", "until"))
    except KeyError:
        raise InvalidInput("The order lacks a field.") from None
    if not opens < closes:
        raise InvalidInput("The window ends before it begins.")
    return {"number": f"C{parcel_number(carrier_code, reference)}", "reference": reference}


def cancel(*, carrier_code: str, reference: str, now: datetime) -> Json:
    """Void an order that was not accepted yet. Voiding twice or an unknown reference is harmless."""
    _require_carrier(carrier_code)
    SandboxParcel.objects.filter(
        carrier_code=carrier_code, reference=reference, accepted_at=None, voided_at=None
    ).update(voided_at=now)
    return {"reference": reference, "voided": True}


def accept(*, carrier_code: str, numbers: Sequence[str], now: datetime) -> Json:
    """The counter takes parcels: plan their ways and answer with the receipt scans. Twice gives the same receipts.

    Numbers that are unknown or void are left out; when none is left, NotFound is raised.
    """
    _require_carrier(carrier_code)
    with transaction.atomic():
        parcels = list(
            SandboxParcel.objects.select_for_update()
            .filter(number__in=list(numbers)[:MAX_TRACKED], carrier_code=carrier_code, voided_at=None)
            .order_by("number")
        )
        fresh = [parcel for parcel in parcels if parcel.accepted_at is None]
        SandboxParcel.objects.filter(number__in=[parcel.number for parcel in fresh]).update(accepted_at=now)
        insert(*(_scan(parcel.number, planned) for parcel in fresh for planned in _plan(parcel, now)))
    if not parcels:
        raise NotFound("No such parcel.")
    receipts = SandboxScan.objects.filter(event_id__in=[f"{parcel.number}-00" for parcel in parcels]).order_by("id")
    return {"events": [_event(receipt) for receipt in receipts]}


def track(*, carrier_code: str, numbers: Sequence[str], now: datetime) -> Json:
    """All scans known by `now` of up to MAX_TRACKED parcels; some carriers repeat themselves."""
    _require_carrier(carrier_code)
    scans = SandboxScan.objects.filter(
        parcel_id__in=list(numbers)[:MAX_TRACKED], parcel__carrier_code=carrier_code, due_at__lte=now
    ).order_by("due_at", "id")
    return {"events": [_event(scan) for scan in scans for _ in range(scan.copies)]}


def advance(*, now: datetime, limit: int = ADVANCE_BATCH, carrier_code: str = "") -> int:
    """Move the network's clock to `now`: scans become public, pushing carriers queue their messages. Returns scans."""
    of_carrier = {"parcel__carrier_code": carrier_code} if carrier_code else {}
    with transaction.atomic():
        due = list(
            SandboxScan.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(published_at=None, due_at__lte=now, **of_carrier)
            .select_related("parcel")
            .order_by("due_at", "id")[:limit]
        )
        SandboxScan.objects.filter(id__in=[scan.id for scan in due]).update(published_at=now)
        insert(*_webhooks(due))
    return len(due)


def _webhooks(scans: Iterable[SandboxScan]) -> list[SandboxWebhook]:
    return [
        SandboxWebhook(
            carrier_code=scan.parcel.carrier_code, due_at=scan.due_at + timedelta(seconds=copy * 40),
            body=json.dumps({"carrier": scan.parcel.carrier_code, "events": [_event(scan)]}, separators=(",", ":")),
        )
        for scan in scans
        if scan.parcel.carrier_code in PUSHING_CARRIERS
        for copy in range(scan.copies)
    ]  # fmt: skip


def claim_webhooks(*, now: datetime, limit: int = WEBHOOK_BATCH) -> list[tuple[int, str, str]]:
    """Lease due messages as (id, carrier, body); a killed sender's come back after the lease."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "WITH due AS (SELECT id FROM logistics_sandbox_webhook WHERE delivered_at IS NULL AND due_at <= %(now)s"
            " AND attempts < %(most)s ORDER BY due_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)"
            " UPDATE logistics_sandbox_webhook w SET attempts = w.attempts + 1, due_at = %(lease)s FROM due"
            " WHERE w.id = due.id RETURNING w.id, w.carrier_code, w.body",
            {"now": now, "lease": now + DELIVERY_LEASE, "limit": limit, "most": MAX_ATTEMPTS},
        )
        return sorted(cursor.fetchall())


def deliver_webhooks(*, send: Callable[[str, bytes], bool], now: datetime, limit: int = WEBHOOK_BATCH) -> int:
    """Push due messages through `send(carrier_code, body)`; what is not taken is repeated later. Returns taken ones."""
    taken = [row_id for row_id, code, body in claim_webhooks(now=now, limit=limit) if send(code, body.encode())]
    mark_delivered(ids=taken, now=now)
    return len(taken)


def mark_delivered(*, ids: Sequence[int], now: datetime) -> None:
    """These webhooks were taken by their receiver; they are not sent again."""
    SandboxWebhook.objects.filter(id__in=ids).update(delivered_at=now)


def _require_carrier(carrier_code: str) -> None:
    if carrier_code not in CODES:
        raise NotFound("No such carrier.")


def _plan(parcel: SandboxParcel, now: datetime) -> list[PlannedScan]:
    return plan_route(
        carrier_code=parcel.carrier_code, number=parcel.number, service_code=parcel.service_code,
        origin=parcel.origin_country, destination=parcel.destination_country, city=parcel.destination_city,
        accepted_at=now, faulty=bool(settings.LONJA.get("SANDBOX_FAULTS", True)),
    )  # fmt: skip


def _scan(number: str, planned: PlannedScan) -> SandboxScan:
    return SandboxScan(
        event_id=planned.event_id, parcel_id=number, code=planned.code, text=planned.text, place=planned.place,
        occurred_at=planned.occurred_at, due_at=planned.due_at, copies=planned.copies,
    )  # fmt: skip


def _event(scan: SandboxScan) -> Json:
    return {
        "id": scan.event_id, "number": scan.parcel_id, "code": scan.code, "text": scan.text, "place": scan.place,
        "at": scan.occurred_at.isoformat(),
    }  # fmt: skip
