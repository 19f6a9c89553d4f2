"""Who may review, and how ratings are averaged. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from marketplace.contracts import OrderState, OrderView

MAX_TITLE: Final = 120
MAX_TEXT: Final = 2000
RATINGS: Final = (1, 2, 3, 4, 5)


def is_reviewable(order: OrderView) -> bool:
    """The goods arrived, or the order ended well."""
    if order.state is OrderState.COMPLETED:
        return True
    return order.state is OrderState.DELIVERED and order.delivered_at is not None


def average_hundredths(counts: Mapping[int, int]) -> int:
    """Average of rating -> number of reviews, times 100, half up; 0 without reviews."""
    number = sum(counts.values())
    if not number:
        return 0
    total = sum(rating * count for rating, count in counts.items())
    return (total * 200 + number) // (2 * number)
