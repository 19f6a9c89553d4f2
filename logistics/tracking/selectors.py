"""Reads of tracking."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from logistics.contracts import ShipmentView, TimelineEntry, TrackingStatus
from logistics.shipments.selectors import get_shipment
from logistics.tracking.models import CodeMapping, TrackingEvent, WebhookMessage
from logistics.tracking.rules import Happening
from logistics.tracking.timeline import build

MAX_EVENTS_SHOWN = 200


def code_statuses(pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], TrackingStatus | None]:
    """What the operator said these (carrier, code) pairs mean; None while nobody said. One query, none for no pairs."""
    wanted = set(pairs)
    if not wanted:
        return {}
    rows = CodeMapping.objects.filter(raw_code__in={code for _, code in wanted})
    return {(row.carrier_code, row.raw_code): TrackingStatus(row.status) if row.status else None for row in rows}


def happenings(shipment_ids: Iterable[UUID]) -> dict[UUID, list[Happening]]:
    """Shipment -> its history for the rules, with the operator's mappings applied; two queries at most."""
    rows = list(
        TrackingEvent.objects.filter(shipment_id__in=set(shipment_ids)).values_list(
            "shipment_id", "carrier_event_id", "status", "occurred_at", "corrects", "carrier_code", "raw_code"
        )
    )
    mapped = code_statuses((row[5], row[6]) for row in rows if row[2] == TrackingStatus.UNKNOWN)
    found: dict[UUID, list[Happening]] = defaultdict(list)
    for shipment_id, event_id, status, occurred_at, corrects, carrier_code, raw_code in rows:
        meaning = TrackingStatus(status)
        if meaning is TrackingStatus.UNKNOWN:
            meaning = mapped.get((carrier_code, raw_code)) or TrackingStatus.UNKNOWN
        found[shipment_id].append(Happening(event_id, meaning, occurred_at, corrects))
    return found


def list_events(shipment_id: UUID) -> list[TrackingEvent]:
    """The newest events of a shipment, newest first."""
    return list(
        TrackingEvent.objects.filter(shipment_id=shipment_id).order_by("-occurred_at", "-id")[:MAX_EVENTS_SHOWN]
    )


def known_event_ids(shipment_ids: Iterable[UUID]) -> set[tuple[UUID, str]]:
    return set(
        TrackingEvent.objects.filter(shipment_id__in=set(shipment_ids)).values_list("shipment_id", "carrier_event_id")
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


def timeline(shipment_id: UUID) -> tuple[TimelineEntry, ...]:
    """The parcel's story, newest first. Raises ShipmentNotFound."""
    return build(get_shipment(shipment_id), list_events(shipment_id))


def timeline_of(shipment: ShipmentView, *, is_public: bool = False) -> tuple[TimelineEntry, ...]:
    """`timeline` for a shipment already read; the public one reveals nothing private."""
    return build(shipment, list_events(shipment.shipment_id), is_public=is_public)
