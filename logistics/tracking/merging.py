"""The news of several carriers as one history: what a leg's events mean for the parcel. Pure, and independent of their order.

A leg begins with its carrier's first scan of the parcel. From then on the earlier legs are over: what they tell of later moments
changes nothing, and no word of theirs is final. A leg that arrives at a hub has handed the parcel to the next carrier: it is at a
sorting centre. Labels, and the cancellation of a carrier's own booking, say nothing of the parcel. Only the last leg delivers; only
the first one brings the parcel back to its sender.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from logistics.contracts import TrackingStatus
from logistics.tracking.rules import BEFORE_ACCEPTANCE, TERMINAL, Happening

T = TrackingStatus
NO_NEWS: Final = BEFORE_ACCEPTANCE
"""Of one leg these say nothing about the parcel."""
AT_A_HUB: Final = {
    T.DELIVERED: T.AT_HUB, T.READY_FOR_PICKUP: T.AT_HUB, T.OUT_FOR_DELIVERY: T.IN_TRANSIT, T.ATTEMPT_FAILED: T.DELAYED,
}  # fmt: skip
"""What a carrier says at the end of a leg that ends at a hub: nobody's door is near."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A leg its carrier has begun: when, and whether the one before had said that it handed the parcel on."""

    leg: int
    at: datetime
    was_given: bool


@dataclass(frozen=True, slots=True)
class Course:
    """The merged history; the legs that have begun, in order; when the latest of them arrived at its hub; and legs whose events
    were taken back."""

    history: tuple[Happening, ...]
    begun: tuple[Begun, ...]
    arrived_at: datetime | None
    corrected: frozenset[int]


def meaning(status: TrackingStatus, leg: int, last: int) -> TrackingStatus:
    """What a carrier's word on its leg means for the parcel; UNKNOWN says nothing. Leg 0 is one carrier all the way."""
    if leg == 0:
        return status
    if status in NO_NEWS:
        return T.UNKNOWN
    if leg < last and status in AT_A_HUB:
        return AT_A_HUB[status]
    return T.ON_HOLD if status is T.RETURNED and leg > 1 else status


def merge(history: Sequence[Happening], last: int) -> Course:
    """One history of a parcel that goes `last` legs. Events keep their own moments."""
    events = {event.event_id: event for event in history}
    named = {event.corrects for event in events.values() if event.corrects}
    standing = [event for event in events.values() if event.event_id not in named]
    starts = sorted(_first_of_legs(event for event in standing if event.status not in NO_NEWS).items())
    arrivals = _first_of_legs(event for event in standing if event.status is T.DELIVERED and event.leg < last)
    begun = tuple(Begun(leg, at, leg - 1 in arrivals) for leg, at in starts)
    merged = tuple(
        event._replace(status=meaning(event.status, event.leg, last))
        for event in events.values()
        if event.corrects or not _is_over(event, starts, last)
    )
    corrected = frozenset(event.leg for event in events.values() if event.event_id in named)
    return Course(merged, begun, arrivals.get(begun[-1].leg) if begun else None, corrected)


def _first_of_legs(events: Iterable[Happening]) -> dict[int, datetime]:
    """Leg -> the earliest moment of these events."""
    first: dict[int, datetime] = {}
    for event in events:
        if event.leg:
            first[event.leg] = min(event.occurred_at, first.get(event.leg, event.occurred_at))
    return first


def _is_over(event: Happening, starts: Sequence[tuple[int, datetime]], last: int) -> bool:
    """A later leg has begun, and this one's word comes after that, or would be final."""
    later = [at for leg, at in starts if leg > event.leg]
    if not event.leg or not later:
        return False
    return event.occurred_at >= min(later) or meaning(event.status, event.leg, last) in TERMINAL
