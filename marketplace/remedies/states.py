"""The life of a remedy as a table."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class RemedyState(StrEnum):
    """DUE: the buyer is owed it, and while the money is disputed it waits. NOTHING_LEFT: they have it back already."""

    DUE = "DUE"
    PAID = "PAID"
    NOTHING_LEFT = "NOTHING_LEFT"


class RemedyAction(StrEnum):
    PAY = "PAY"
    CLOSE = "CLOSE"


S, A = RemedyState, RemedyAction
TRANSITIONS: Final[dict[tuple[RemedyState, RemedyAction], RemedyState]] = {
    (S.DUE, A.PAY): S.PAID,
    (S.DUE, A.CLOSE): S.NOTHING_LEFT,
}
