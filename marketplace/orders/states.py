"""The state machine of an order (one seller's part of a purchase)."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from marketplace.contracts import OrderState


class OrderAction(StrEnum):
    PAY = "PAY"
    CANCEL = "CANCEL"
    SHIP_PART = "SHIP_PART"
    SHIP = "SHIP"
    REDUCE = "REDUCE"
    DELIVER = "DELIVER"
    COMPLETE = "COMPLETE"
    DISPUTE = "DISPUTE"
    RESUME = "RESUME"
    RESUME_ON_WAY = "RESUME_ON_WAY"
    RESUME_IN_PART = "RESUME_IN_PART"
    SETTLE = "SETTLE"
    REFUND = "REFUND"


S, A = OrderState, OrderAction
TRANSITIONS: Final[dict[tuple[OrderState, OrderAction], OrderState]] = {
    (S.AWAITING_PAYMENT, A.PAY): S.PAID,
    (S.AWAITING_PAYMENT, A.CANCEL): S.CANCELLED,
    (S.PAID, A.CANCEL): S.CANCELLED,
    (S.PAID, A.REDUCE): S.PAID,  # some pieces will not come
    (S.PAID, A.SHIP_PART): S.PARTLY_SHIPPED,
    (S.PAID, A.SHIP): S.SHIPPED,
    (S.PARTLY_SHIPPED, A.SHIP_PART): S.PARTLY_SHIPPED,
    (S.PARTLY_SHIPPED, A.REDUCE): S.PARTLY_SHIPPED,
    (S.PARTLY_SHIPPED, A.SHIP): S.SHIPPED,  # the last piece left, or the rest will not come
    (S.PARTLY_SHIPPED, A.DISPUTE): S.DISPUTED,
    (S.PARTLY_SHIPPED, A.REFUND): S.REFUNDED,
    (S.SHIPPED, A.DELIVER): S.DELIVERED,
    (S.SHIPPED, A.COMPLETE): S.COMPLETED,
    (S.DELIVERED, A.COMPLETE): S.COMPLETED,
    (S.SHIPPED, A.DISPUTE): S.DISPUTED,
    (S.DELIVERED, A.DISPUTE): S.DISPUTED,
    (S.DISPUTED, A.RESUME): S.DELIVERED,  # withdrawn, or only a part was disputed and that is decided
    (S.DISPUTED, A.RESUME_ON_WAY): S.SHIPPED,
    (S.DISPUTED, A.RESUME_IN_PART): S.PARTLY_SHIPPED,
    (S.DISPUTED, A.SETTLE): S.COMPLETED,
    (S.DISPUTED, A.REFUND): S.REFUNDED,
    (S.SHIPPED, A.REFUND): S.REFUNDED,  # the seller gave everything back, or the buyer's bank took it
    (S.DELIVERED, A.REFUND): S.REFUNDED,
}

#: While there may be pieces that nobody has carried away yet.
UNSENT: Final = frozenset({S.PAID, S.PARTLY_SHIPPED})

TERMINAL: Final = frozenset({S.COMPLETED, S.CANCELLED, S.REFUNDED})

#: While the money of single lines may be released by the buyer.
RELEASABLE: Final = frozenset({S.PARTLY_SHIPPED, S.SHIPPED, S.DELIVERED, S.DISPUTED})
