"""When a claim may be made, until when, and what is wrong with a parcel as its history tells. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from core.errors import DomainError, NotFound
from logistics.contracts import ShipmentState, TrackingStatus

MAX_PHOTOS: Final = 6


class ClaimNotFound(NotFound):
    """There is none, or it is not the caller's to see."""

    code = "claim_not_found"
    message = "There is no such claim."


class NotClaimable(DomainError):
    """The carrier takes no such claim, or not any more."""

    code = "not_claimable"
    message = "The carrier takes no such claim for this parcel."


class ClaimType(StrEnum):
    LOST = "LOST"
    DAMAGED = "DAMAGED"
    MISSING_CONTENTS = "MISSING_CONTENTS"
    LATE_GUARANTEE = "LATE_GUARANTEE"
    MISDELIVERED = "MISDELIVERED"


FROM_PROMISE: Final = frozenset({ClaimType.LOST, ClaimType.LATE_GUARANTEE})
"""Types whose days count from the last promised day; the others' from delivery."""


@dataclass(frozen=True, slots=True)
class Window:
    """When a carrier takes claims of a type: from so many days after the reference on, until so many days after it."""

    carrier_code: str
    service_code: str
    open_after_days: int
    deadline_days: int


@dataclass(frozen=True, slots=True)
class ParcelFacts:
    """What decides about a claim. `late`: it came after its promised day and the carrier answers for that."""

    state: ShipmentState
    status: TrackingStatus
    promised_latest: date
    delivered_at: datetime | None
    time_zone: str
    late: bool


def choose_window(windows: Iterable[Window], *, carrier_code: str, service_code: str) -> Window | None:
    """The service's own window, else its carrier's, else the one for all carriers; None: not claimable."""
    fitting = [
        window for window in windows
        if window.carrier_code in ("", carrier_code) and window.service_code in ("", service_code)
    ]  # fmt: skip
    return max(fitting, key=lambda window: (bool(window.service_code), bool(window.carrier_code)), default=None)


def moments(window: Window, kind: ClaimType, facts: ParcelFacts) -> tuple[datetime, datetime]:
    """(from when, until when) a claim of this type may be sent in."""
    day = facts.promised_latest
    if kind not in FROM_PROMISE and facts.delivered_at is not None:
        day = facts.delivered_at.astimezone(ZoneInfo(facts.time_zone)).date()
    start = datetime.combine(day, time(), tzinfo=ZoneInfo(facts.time_zone))
    return start + timedelta(days=window.open_after_days), start + timedelta(days=window.deadline_days + 1)


def type_of(facts: ParcelFacts) -> ClaimType | None:
    """What a parcel's history by itself gives reason to claim."""
    if facts.state is ShipmentState.LOST or facts.status is TrackingStatus.SUSPECTED_LOST:
        return ClaimType.LOST
    if facts.status is TrackingStatus.DAMAGED:
        return ClaimType.DAMAGED
    return ClaimType.LATE_GUARANTEE if facts.late else None


def is_found(kind: ClaimType, facts: ParcelFacts, *, by_itself: bool) -> bool:
    """A parcel claimed as lost that turned up. A claim that silence opened (`by_itself`) also ends with the next scan."""
    if kind is not ClaimType.LOST:
        return False
    if facts.state in {ShipmentState.DELIVERED, ShipmentState.RETURNED}:
        return True
    return by_itself and facts.state is not ShipmentState.LOST and facts.status is not TrackingStatus.SUSPECTED_LOST


def may_qualify(kind: ClaimType, facts: ParcelFacts, *, opens_at: datetime, now: datetime) -> bool:
    """A parcel the carrier itself gave up needs no waiting; every other waits for its window."""
    return (kind is ClaimType.LOST and facts.state is ShipmentState.LOST) or now >= opens_at
