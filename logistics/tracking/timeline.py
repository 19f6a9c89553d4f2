"""The parcel's story in plain words, for the buyer, the seller and whoever has its number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_lazy

from logistics.contracts import ShipmentState, ShipmentView, TimelineEntry, TrackingStatus
from logistics.tracking.merging import meaning
from logistics.tracking.models import TrackingEvent

T = TrackingStatus

TITLES: Final = {
    T.REGISTERED: gettext_lazy("Label created"), T.AWAITING_PICKUP: gettext_lazy("Waiting for pickup"),
    T.PICKED_UP: gettext_lazy("With the carrier"), T.IN_TRANSIT: gettext_lazy("On its way"),
    T.AT_HUB: gettext_lazy("At a sorting centre"), T.CUSTOMS: gettext_lazy("At customs"),
    T.OUT_FOR_DELIVERY: gettext_lazy("Out for delivery"), T.ATTEMPT_FAILED: gettext_lazy("Nobody was there"),
    T.READY_FOR_PICKUP: gettext_lazy("Ready to be collected"), T.DELIVERED: gettext_lazy("Delivered"),
    T.ON_HOLD: gettext_lazy("On hold"), T.DELAYED: gettext_lazy("Delayed"),
    T.RETURNING: gettext_lazy("On its way back"), T.RETURNED: gettext_lazy("Returned to the sender"),
    T.DAMAGED: gettext_lazy("Damaged on the way"), T.SUSPECTED_LOST: gettext_lazy("No news for long"),
    T.LOST: gettext_lazy("Lost"), T.CANCELLED: gettext_lazy("Cancelled"),
    T.UNKNOWN: gettext_lazy("News from the carrier"),
}  # fmt: skip

NEXT: Final = {
    T.REGISTERED: gettext_lazy("Next: the seller hands the parcel to the carrier."),
    T.AWAITING_PICKUP: gettext_lazy("Next: the carrier collects the parcel."),
    T.PICKED_UP: gettext_lazy("Next: the parcel travels to the sorting centre."),
    T.IN_TRANSIT: gettext_lazy("Next: it reaches the sorting centre near the recipient."),
    T.AT_HUB: gettext_lazy("Next: it goes out for delivery."),
    T.CUSTOMS: gettext_lazy("Next: customs lets it pass; this may take some days."),
    T.OUT_FOR_DELIVERY: gettext_lazy("Next: it is delivered today."),
    T.ATTEMPT_FAILED: gettext_lazy("Next: the carrier tries again on the next working day."),
    T.READY_FOR_PICKUP: gettext_lazy("Next: collect it from the carrier's office."),
    T.ON_HOLD: gettext_lazy("The carrier has stopped the parcel and will tell why."),
    T.DELAYED: gettext_lazy("It will come later than planned; nothing needs to be done."),
    T.RETURNING: gettext_lazy("Next: the sender receives it."),
    T.DAMAGED: gettext_lazy("Check the parcel when it comes; problems can be reported on the order."),
    T.SUSPECTED_LOST: gettext_lazy("The carrier is asked where it is."),
    T.LOST: gettext_lazy("The carrier cannot find it. The money is safe: see the order."),
    T.DELIVERED: gettext_lazy("The parcel has arrived."),
}  # fmt: skip

TONES: Final = {
    T.DELIVERED: "available", T.REGISTERED: "neutral", T.AWAITING_PICKUP: "neutral", T.CANCELLED: "neutral",
    T.UNKNOWN: "neutral", T.ATTEMPT_FAILED: "held", T.ON_HOLD: "held", T.DELAYED: "held", T.CUSTOMS: "held",
    T.RETURNING: "held", T.RETURNED: "held", T.DAMAGED: "owed", T.SUSPECTED_LOST: "owed", T.LOST: "owed",
}  # fmt: skip


TOLD_PLACES: Final = frozenset({T.PICKED_UP, T.IN_TRANSIT, T.AT_HUB, T.CUSTOMS})
"""Statuses whose place is a carrier's own; the others may be the recipient's town."""


def status_title(status: TrackingStatus) -> str:
    """A status in the active language."""
    return str(TITLES[status])


def tone_of(status: TrackingStatus) -> str:
    return TONES.get(status, "moving")


def build(
    shipment: ShipmentView, events: Sequence[TrackingEvent], *, carriers: Sequence[str] = (), is_public: bool = False
) -> tuple[TimelineEntry, ...]:
    """The story, newest first; the newest line says what happens next, the oldest is the label. `carriers`: of a route's legs.

    The public story leaves out carriers' free text and where the recipient lives.
    """
    taken_back = {event.corrects for event in events if event.corrects}
    told = [event for event in events if event.carrier_event_id not in taken_back and _is_told(event, len(carriers))]
    entries = [_entry(event, carriers, is_public) for event in told]
    entries.append(_line(shipment.booked_at, T.REGISTERED))
    if shipment.status is ShipmentState.CANCELLED:
        return (_line(shipment.booked_at, T.CANCELLED), *entries)
    return (_with_outlook(entries[0], shipment), *entries[1:])


def _line(at: datetime, status: TrackingStatus) -> TimelineEntry:
    return TimelineEntry(at, status_title(status), "", "", status, tone_of(status))


def _is_told(event: TrackingEvent, legs: int) -> bool:
    """A leg's label is no news of the parcel; a word nobody has mapped is shown as it came."""
    told = TrackingStatus(event.status)
    return told is T.UNKNOWN or meaning(told, event.leg, legs) is not T.UNKNOWN


def _entry(event: TrackingEvent, carriers: Sequence[str], is_public: bool) -> TimelineEntry:
    told = TrackingStatus(event.status)
    status = meaning(told, event.leg, len(carriers))
    if event.corrects:
        title, note = gettext("Corrected by the operator"), event.raw_text
    elif event.leg and told is T.PICKED_UP:
        title, note = gettext("With %(carrier)s") % {"carrier": carriers[event.leg - 1]}, ""
    elif event.leg and told is T.DELIVERED and status is T.AT_HUB:
        title, note = gettext("Handed on to %(carrier)s") % {"carrier": carriers[event.leg]}, ""
    else:
        title, note = status_title(status), event.raw_text if status is T.UNKNOWN else ""
    is_home = status not in TOLD_PLACES
    return TimelineEntry(
        at=event.occurred_at, title=title, note="" if is_public else note,
        place="" if is_public and is_home else event.place, status=status, tone=tone_of(status),
    )  # fmt: skip


def _with_outlook(entry: TimelineEntry, shipment: ShipmentView) -> TimelineEntry:
    outlook = str(NEXT.get(shipment.tracking_status, ""))
    if shipment.status in {ShipmentState.BOOKING, ShipmentState.BOOKED, ShipmentState.HANDED_OVER}:
        window = gettext("Promised for %(earliest)s to %(latest)s.") % {
            "earliest": date_format(shipment.promised_earliest, "j M"),
            "latest": date_format(shipment.promised_latest, "j M"),
        }
        outlook = f"{outlook} {window}".strip()
    note = f"{entry.note}. {outlook}" if entry.note else outlook
    return TimelineEntry(entry.at, entry.title, note, entry.place, entry.status, entry.tone)
