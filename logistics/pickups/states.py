"""The life of a pickup as a table."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class PickupState(StrEnum):
    """BOOKED: the carrier has not confirmed yet. MISSED: parcels waited and nobody came."""

    BOOKED = "BOOKED"
    CONFIRMED = "CONFIRMED"
    DONE = "DONE"
    MISSED = "MISSED"
    CANCELLED = "CANCELLED"


class PickupAction(StrEnum):
    """CHANGE: another day or window; the carrier confirms again."""

    CONFIRM = "CONFIRM"
    CHANGE = "CHANGE"
    CANCEL = "CANCEL"
    FINISH = "FINISH"
    MISS = "MISS"


S, A = PickupState, PickupAction
OPEN: Final = (S.BOOKED, S.CONFIRMED)
TRANSITIONS: Final[dict[tuple[PickupState, PickupAction], PickupState]] = {
    (S.BOOKED, A.CONFIRM): S.CONFIRMED,
    **{(state, A.CHANGE): S.BOOKED for state in OPEN},
    **{(state, A.CANCEL): S.CANCELLED for state in OPEN},
    **{(state, A.MISS): S.MISSED for state in OPEN},
    **{(state, A.FINISH): S.DONE for state in (*OPEN, S.MISSED)},
}
