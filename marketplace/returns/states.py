"""The life of a return as a table."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class ReturnState(StrEnum):
    """REQUESTED waits for the seller; APPROVED for the parcel; RECEIVED for the inspection; REPLACING for the new goods."""

    REQUESTED = "REQUESTED"
    APPROVED = "APPROVED"
    IN_TRANSIT = "IN_TRANSIT"
    RECEIVED = "RECEIVED"
    REPLACING = "REPLACING"
    REFUNDED = "REFUNDED"
    EXCHANGED = "EXCHANGED"
    REJECTED = "REJECTED"
    REFUSED = "REFUSED"
    CANCELLED = "CANCELLED"


class ReturnAction(StrEnum):
    APPROVE = "APPROVE"
    REFUSE = "REFUSE"
    CANCEL = "CANCEL"
    SEND = "SEND"
    RECEIVE = "RECEIVE"
    REFUND = "REFUND"
    REJECT = "REJECT"
    REPLACE = "REPLACE"
    EXCHANGE = "EXCHANGE"


S, A = ReturnState, ReturnAction
TRANSITIONS: Final[dict[tuple[ReturnState, ReturnAction], ReturnState]] = {
    (S.REQUESTED, A.APPROVE): S.APPROVED,
    (S.REQUESTED, A.REFUSE): S.REFUSED,
    (S.REQUESTED, A.CANCEL): S.CANCELLED,
    (S.APPROVED, A.CANCEL): S.CANCELLED,
    (S.APPROVED, A.SEND): S.IN_TRANSIT,
    (S.APPROVED, A.RECEIVE): S.RECEIVED,  # handed back without a scan
    (S.IN_TRANSIT, A.RECEIVE): S.RECEIVED,
    (S.IN_TRANSIT, A.REFUND): S.REFUNDED,  # lost on its way: not the buyer's loss
    (S.RECEIVED, A.REFUND): S.REFUNDED,
    (S.RECEIVED, A.REJECT): S.REJECTED,
    (S.RECEIVED, A.REPLACE): S.REPLACING,
    (S.REPLACING, A.EXCHANGE): S.EXCHANGED,
    (S.REPLACING, A.REFUND): S.REFUNDED,  # the new goods were lost
}

OPEN: Final = frozenset({S.REQUESTED, S.APPROVED, S.IN_TRANSIT, S.RECEIVED, S.REPLACING})
CAME_TO_NOTHING: Final = frozenset({S.REJECTED, S.REFUSED, S.CANCELLED})
"""Ends after which the pieces may be asked back again."""
