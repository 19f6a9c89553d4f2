"""Reads of EPCIS: captured events, documents again, and our own parcels' history as EPCIS."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from core.errors import NotFound
from logistics.contracts import TrackingStatus
from logistics.epcis import rules
from logistics.epcis.models import EpcisCapture, EpcisEvent
from logistics.shipments.models import Parcel
from logistics.shipments.selectors import get_shipment
from logistics.tracking.merging import meaning
from logistics.tracking.models import TrackingEvent
from logistics.tracking.selectors import legs_of_shipment

MAX_HISTORY = 1_000


@dataclass(frozen=True, slots=True)
class EventQuery:
    """A simple event query: every part that is set must hold."""

    kinds: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    biz_steps: tuple[str, ...] = ()
    dispositions: tuple[str, ...] = ()
    epcs: tuple[str, ...] = ()
    event_ids: tuple[str, ...] = ()
    since: datetime | None = None
    before: datetime | None = None


def query_events(query: EventQuery, *, organisation_id: UUID) -> QuerySet[EpcisEvent]:
    """An organisation's own events, in the order they were captured."""
    found = EpcisEvent.objects.filter(organisation_id=organisation_id, is_repeat=False)
    for name, values in (
        ("kind", query.kinds), ("action", query.actions), ("biz_step", query.biz_steps),
        ("disposition", query.dispositions), ("event_id", query.event_ids),
    ):  # fmt: skip
        if values:
            found = found.filter(**{f"{name}__in": values})
    if query.epcs:
        found = found.filter(epcs__overlap=list(query.epcs))
    if query.since:
        found = found.filter(event_time__gte=query.since)
    if query.before:
        found = found.filter(event_time__lt=query.before)
    return found.order_by("id")


def get_capture(capture_id: UUID, *, organisation_id: UUID) -> EpcisCapture:
    """Raises NotFound, also for other organisations'."""
    capture = EpcisCapture.objects.filter(id=capture_id, organisation_id=organisation_id).first()
    if capture is None:
        raise NotFound()
    return capture


def document_again(capture: EpcisCapture) -> rules.Json:
    """The document as it came."""
    bodies = list(capture.events.order_by("position").values_list("body", flat=True))
    return rules.refill(capture.shell, bodies)


def shipment_document(shipment_id: UUID, *, now: datetime) -> rules.Json:
    """A shipment's history as an EPCISDocument: its registration and each carrier event, for its first parcel."""
    shipment = get_shipment(shipment_id)
    sscc = Parcel.objects.filter(shipment_id=shipment_id).order_by("position").values_list("sscc", flat=True)[0]
    history = list(TrackingEvent.objects.filter(shipment_id=shipment_id).order_by("occurred_at", "id")[:MAX_HISTORY])
    legs = len(legs_of_shipment(shipment))
    taken_back = {event.corrects: event.received_at for event in history if event.corrects}
    events = [rules.object_event(
        event_id=f"urn:uuid:{shipment_id}", at=shipment.booked_at, recorded_at=shipment.booked_at,
        status=TrackingStatus.REGISTERED, sscc=sscc, waybill=shipment.tracking_number, taken_back_at=None,
    )]  # fmt: skip
    events += [
        rules.object_event(
            event_id=f"urn:lonja:event:{event.id}", at=event.occurred_at, recorded_at=event.received_at,
            status=meaning(TrackingStatus(event.status), event.leg, legs), sscc=sscc, waybill=shipment.tracking_number,
            taken_back_at=taken_back.get(event.carrier_event_id),
        )
        for event in history
        if not event.corrects and meaning(TrackingStatus(event.status), event.leg, legs) is not TrackingStatus.UNKNOWN
    ]  # fmt: skip
    return rules.document_of(events, created_at=now)
