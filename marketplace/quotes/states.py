"""The state machine of a price talk between a buyer and a seller."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from marketplace.contracts import QuoteState


class QuoteAction(StrEnum):
    """OFFER is the seller's word, COUNTER the buyer's; each replaces what stood. DECLINE: the side that is asked says no;
    WITHDRAW: the side whose word stands takes it back. CONVERT: it goes on as something made to order."""

    OFFER = "OFFER"
    COUNTER = "COUNTER"
    ACCEPT = "ACCEPT"
    DECLINE = "DECLINE"
    WITHDRAW = "WITHDRAW"
    EXPIRE = "EXPIRE"
    CONVERT = "CONVERT"


S, A = QuoteState, QuoteAction
TRANSITIONS: Final[dict[tuple[QuoteState, QuoteAction], QuoteState]] = {
    (S.REQUESTED, A.OFFER): S.OFFERED,
    (S.OFFERED, A.OFFER): S.OFFERED,
    (S.COUNTERED, A.OFFER): S.OFFERED,
    (S.OFFERED, A.COUNTER): S.COUNTERED,
    (S.COUNTERED, A.COUNTER): S.COUNTERED,
    (S.OFFERED, A.ACCEPT): S.ACCEPTED,
    (S.COUNTERED, A.ACCEPT): S.ACCEPTED,
    (S.REQUESTED, A.DECLINE): S.DECLINED,
    (S.OFFERED, A.DECLINE): S.DECLINED,
    (S.COUNTERED, A.DECLINE): S.DECLINED,
    (S.REQUESTED, A.WITHDRAW): S.WITHDRAWN,
    (S.OFFERED, A.WITHDRAW): S.WITHDRAWN,
    (S.COUNTERED, A.WITHDRAW): S.WITHDRAWN,
    (S.REQUESTED, A.EXPIRE): S.EXPIRED,
    (S.OFFERED, A.EXPIRE): S.EXPIRED,
    (S.COUNTERED, A.EXPIRE): S.EXPIRED,
    (S.REQUESTED, A.CONVERT): S.CONVERTED,
    (S.OFFERED, A.CONVERT): S.CONVERTED,
    (S.COUNTERED, A.CONVERT): S.CONVERTED,
}

OPEN: Final = frozenset({S.REQUESTED, S.OFFERED, S.COUNTERED})
