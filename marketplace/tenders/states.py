"""The life of a buyer's need."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from marketplace.contracts import TenderState


class TenderAction(StrEnum):
    AWARD = "AWARD"
    CLOSE = "CLOSE"
    EXPIRE = "EXPIRE"


S, A = TenderState, TenderAction
TRANSITIONS: Final[dict[tuple[TenderState, TenderAction], TenderState]] = {
    (S.OPEN, A.AWARD): S.AWARDED,
    (S.OPEN, A.CLOSE): S.CLOSED,
    (S.OPEN, A.EXPIRE): S.EXPIRED,
}
