"""The state machine of a review."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from trust.contracts import ReviewState


class ReviewAction(StrEnum):
    HIDE = "HIDE"
    RESTORE = "RESTORE"


TRANSITIONS: Final[dict[tuple[ReviewState, ReviewAction], ReviewState]] = {
    (ReviewState.PUBLISHED, ReviewAction.HIDE): ReviewState.HIDDEN,
    (ReviewState.HIDDEN, ReviewAction.RESTORE): ReviewState.PUBLISHED,
}
