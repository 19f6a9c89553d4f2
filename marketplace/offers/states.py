"""The life of a proposal that a listing is the same thing as others'."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class MatchState(StrEnum):
    PROPOSED = "PROPOSED"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"


class MatchAction(StrEnum):
    ACCEPT = "ACCEPT"
    DECLINE = "DECLINE"


TRANSITIONS: Final[dict[tuple[MatchState, MatchAction], MatchState]] = {
    (MatchState.PROPOSED, MatchAction.ACCEPT): MatchState.ACCEPTED,
    (MatchState.PROPOSED, MatchAction.DECLINE): MatchState.DECLINED,
    (MatchState.ACCEPTED, MatchAction.DECLINE): MatchState.DECLINED,
    (MatchState.DECLINED, MatchAction.ACCEPT): MatchState.ACCEPTED,
}
