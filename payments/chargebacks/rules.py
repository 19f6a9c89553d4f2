"""How a chargeback is shared by the orders of its charge, and the facts a bank is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from payments.contracts import OrderEvidence
from payments.escrow.rules import spread

#: The evidence goes by itself this long before the bank stops listening.
SUBMIT_BEFORE = timedelta(days=2)
MAX_STATEMENT = 4_000


def share_out(amount: int, left: Mapping[UUID, int]) -> tuple[dict[UUID, int], int]:
    """(part of each order, excess): in proportion to what each order still stands for, largest remainder.

    More than all of them stand for (the buyer has a refund already) is nobody's part.
    """
    within = min(amount, sum(left.values()))
    orders = sorted(left)
    parts = spread(within, [left[order] for order in orders]) if within else [0] * len(orders)
    return {order: part for order, part in zip(orders, parts, strict=True) if part}, amount - within


def submit_at(due_by: datetime | None, now: datetime) -> datetime:
    """When the evidence goes by itself: early enough, and at once when time is short."""
    return now if due_by is None else max(now, due_by - SUBMIT_BEFORE)


def facts_of(
    *, chargeback: Mapping[str, Any], orders: Sequence[OrderEvidence], refunds: Sequence[tuple[datetime, str]],
    statements: Sequence[str],
) -> dict[str, Any]:  # fmt: skip
    """Everything a bank needs, as JSON. `delivered_at` is set when every order was delivered."""
    delivered = [max((p.delivered_at for p in order.parcels if p.delivered_at), default=None) for order in orders]
    arrived = [moment for moment in delivered if moment is not None]
    return {
        **chargeback,
        "delivered_at": max(arrived).isoformat() if orders and len(arrived) == len(orders) else None,
        "orders": [_order_facts(order) for order in orders],
        "refunds": [{"at": at.isoformat(), "amount": amount} for at, amount in refunds],
        "statements": list(statements),
    }


def _order_facts(order: OrderEvidence) -> dict[str, Any]:
    return {
        "number": order.number,
        "seller": order.seller_name,
        "buyer": order.buyer_name,
        "placed_at": order.placed_at.isoformat(),
        "paid_at": order.paid_at.isoformat() if order.paid_at else None,
        "total": str(order.total),
        "delivery_address": order.delivery_address,
        "lines": [
            {"title": title, "quantity": quantity, "amount": str(amount)} for title, quantity, amount in order.lines
        ],
        "parcels": [
            {
                "carrier": parcel.carrier,
                "tracking_number": parcel.tracking_number,
                "delivered_at": parcel.delivered_at.isoformat() if parcel.delivered_at else None,
                "events": [{"at": at.isoformat(), "text": text} for at, text in parcel.events],
            }
            for parcel in order.parcels
        ],
        "messages": [{"at": at.isoformat(), "from": party, "text": text} for at, party, text in order.messages],
    }
