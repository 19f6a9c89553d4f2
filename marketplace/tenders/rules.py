"""Pure rules of tenders: bounds, and which sellers are asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from core.errors import InvalidInput
from core.money import Money
from marketplace.contracts import NeedInput
from marketplace.quotes.rules import check_price, checked_quantity

MAX_TITLE: Final = 140
MAX_NEED: Final = 4000
MAX_FILES: Final = 5
MAX_DAYS: Final = 30
MAX_OPEN: Final = 20
MAX_INVITED: Final = 60
CHOOSING: Final = timedelta(days=14)
"""How long after the deadline the buyer may still choose."""

MAX_DISPUTE_BP: Final = 500
"""Sellers with more disputes than this are not asked (shares in basis points; unknown counts as none)."""


@dataclass(frozen=True)
class BidPolicyValues:
    """What sellers may do. Defaults after the public rules of large RFQ markets; the operator may set others."""

    bids_per_month: int = 20
    edits_per_bid: int = 1
    reserved_hours: int = 6
    top_rating_hundredths: int = 450
    top_orders: int = 10


@dataclass(frozen=True)
class Candidate:
    """A seller with published listings that fit, and its standing."""

    seller_id: UUID
    rating_hundredths: int
    orders_count: int
    dispute_rate_bp: int | None
    is_exact: bool
    """Sells in the category itself, not only in one beside it."""


@dataclass(frozen=True)
class Invited:
    seller_id: UUID
    is_top: bool


def chosen_sellers(candidates: Sequence[Candidate], policy: BidPolicyValues) -> list[Invited]:
    """Who is asked, the best first: exact category before its neighbours, then standing; none with many disputes."""
    fit = [one for one in candidates if (one.dispute_rate_bp or 0) <= MAX_DISPUTE_BP]
    fit.sort(key=lambda one: (not one.is_exact, -one.rating_hundredths, -one.orders_count, str(one.seller_id)))
    return [
        Invited(
            one.seller_id,
            one.rating_hundredths >= policy.top_rating_hundredths and one.orders_count >= policy.top_orders,
        )
        for one in fit[:MAX_INVITED]
    ]


def reserved_until(invited: Sequence[Invited], policy: BidPolicyValues, *, now: datetime) -> datetime:
    """Until when only top sellers may answer; at once everybody where there are none."""
    return now + timedelta(hours=policy.reserved_hours) if any(one.is_top for one in invited) else now


def check_need(need: NeedInput, *, currency: str) -> None:
    """Raises InvalidInput naming the field: title, need, quantity, days, target."""
    if not 5 <= len(need.title.strip()) <= MAX_TITLE:
        raise InvalidInput("Say in 5 to 140 characters what you look for.", field="title")
    if not need.need.strip():
        raise InvalidInput("Write something.", field="need")
    if len(need.need) > MAX_NEED:
        raise InvalidInput("The text is too long.", field="need")
    checked_quantity(need.quantity)
    if not 1 <= need.days <= MAX_DAYS:
        raise InvalidInput("This number is out of range.", field="days")
    target = Money(1, currency) if need.target is None else need.target
    check_price(target, currency=currency, field="target")


def month_start(now: datetime) -> datetime:
    return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
