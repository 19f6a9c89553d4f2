"""Where a parcel stands, derived from its history. Pure, and independent of the order in which events came in.

Rules: events count by when they happened, not when they arrived. Duplicates (same id) count once. An event that a
correction names does not count. The first final status (delivered, returned, lost, cancelled) stands: whatever
happened later changes nothing unless a correction takes it back. Codes nobody has mapped (UNKNOWN) change nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from logistics.contracts import ShipmentState, TrackingStatus

T = TrackingStatus
TERMINAL: Final = frozenset({T.DELIVERED, T.RETURNED, T.LOST, T.CANCELLED})
BEFORE_ACCEPTANCE: Final = frozenset({T.REGISTERED, T.AWAITING_PICKUP, T.CANCELLED, T.UNKNOWN})
STATE_OF_TERMINAL: Final = {
    T.DELIVERED: ShipmentState.DELIVERED, T.RETURNED: ShipmentState.RETURNED, T.LOST: ShipmentState.LOST,
    T.CANCELLED: ShipmentState.CANCELLED,
}  # fmt: skip

#: Of events in the same second, the one further along the way counts as the later.
ORDER: Final = {status: position for position, status in enumerate((
    T.UNKNOWN, T.REGISTERED, T.AWAITING_PICKUP, T.PICKED_UP, T.IN_TRANSIT, T.AT_HUB, T.CUSTOMS, T.ON_HOLD, T.DELAYED,
    T.DAMAGED, T.SUSPECTED_LOST, T.OUT_FOR_DELIVERY, T.ATTEMPT_FAILED, T.READY_FOR_PICKUP, T.RETURNING, T.LOST,
    T.RETURNED, T.CANCELLED, T.DELIVERED,
))}  # fmt: skip

POLL_HOURS: Final = {T.OUT_FOR_DELIVERY: 1, T.PICKED_UP: 4, T.AT_HUB: 4, T.IN_TRANSIT: 6, T.READY_FOR_PICKUP: 6}
POLL_HOURS_OTHERWISE: Final = 12
PUSH_FACTOR: Final = 6
"""A carrier that pushes webhooks is asked this much more rarely, to find what a lost webhook would have said."""


class Happening(NamedTuple):
    """An event as far as the rules care."""

    event_id: str
    status: TrackingStatus
    occurred_at: datetime
    corrects: str = ""
    leg: int = 0
    """Of a route; 0 for one carrier all the way and for what the platform adds."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The derived status, since when, the shipment state that follows, and the first scan."""

    status: TrackingStatus
    at: datetime | None
    state: ShipmentState
    accepted_at: datetime | None


def derive(history: Iterable[Happening]) -> Standing:
    """Where the parcel stands after `history`, given in any order."""
    events = {event.event_id: event for event in history}
    taken_back = {event.corrects for event in events.values() if event.corrects}
    counted = sorted(
        (event for event in events.values() if event.event_id not in taken_back and event.status is not T.UNKNOWN),
        key=lambda event: (event.occurred_at, ORDER[event.status], event.event_id),
    )
    status, at = T.REGISTERED, None
    for event in counted:
        status, at = event.status, event.occurred_at
        if status in TERMINAL:
            break
    accepted = next((event.occurred_at for event in counted if event.status not in BEFORE_ACCEPTANCE), None)
    return Standing(status=status, at=at, state=_state(status, accepted), accepted_at=accepted)


def _state(status: TrackingStatus, accepted_at: datetime | None) -> ShipmentState:
    if status in STATE_OF_TERMINAL:
        return STATE_OF_TERMINAL[status]
    return ShipmentState.BOOKED if accepted_at is None else ShipmentState.HANDED_OVER


def next_poll(status: TrackingStatus, *, pushes_webhooks: bool, now: datetime) -> datetime | None:
    """When to ask the carrier again: sooner when the next event is near, never after a final status."""
    if status in TERMINAL:
        return None
    hours = POLL_HOURS.get(status, POLL_HOURS_OTHERWISE) * (PUSH_FACTOR if pushes_webhooks else 1)
    return now + timedelta(hours=hours)


SILENCE_QUANTILE: Final = 0.995
MIN_GAPS: Final = 200
"""A lane with fewer gaps between events waits USUAL_SILENCE."""
USUAL_SILENCE: Final = timedelta(days=7)
LEAST_SILENCE: Final = timedelta(days=2)


def silence_of(standing: Standing, gap: timedelta | None) -> datetime | None:
    """When a parcel that is with the carrier counts as silent; None before, after, and while it is suspected already."""
    is_moving = standing.state is ShipmentState.HANDED_OVER and standing.status is not T.SUSPECTED_LOST
    if not is_moving or standing.at is None:
        return None
    return standing.at + max(gap or USUAL_SILENCE, LEAST_SILENCE)
