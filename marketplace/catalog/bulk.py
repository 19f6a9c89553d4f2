"""One change made to many own listings, tried first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import DomainError, InvalidInput
from core.money import Money
from marketplace.catalog import services
from marketplace.catalog.models import Listing
from marketplace.catalog.pricing import set_price
from marketplace.catalog.selectors import find_own_listings

MAX_LISTINGS: Final = 200
WHOLE: Final = 10_000
"""A hundred per cent, in basis points."""


class BulkAction(StrEnum):
    PRICE_PERCENT = "PRICE_PERCENT"
    PRICE_AMOUNT = "PRICE_AMOUNT"
    STOCK = "STOCK"
    HANDLING = "HANDLING"
    CATEGORY = "CATEGORY"
    PUBLISH = "PUBLISH"
    WITHDRAW = "WITHDRAW"


@dataclass(frozen=True)
class BulkChange:
    """What is done. Prices rise, or fall below zero: by basis points, or by an amount; the others are what it becomes."""

    action: BulkAction
    basis_points: int = 0
    amount_minor: int = 0
    stock: int = 0
    days: int = 0
    category: str = ""


@dataclass(frozen=True)
class BulkRow:
    """What a change did to a listing, or would do; `message` and `remedy`: why it did not."""

    listing_id: UUID
    title: str
    before: Any = None
    after: Any = None
    message: str = ""
    remedy: str = ""


def change_listings(
    *, listing_ids: Sequence[UUID], change: BulkChange, is_trial: bool, actor: Actor, now: datetime
) -> list[BulkRow]:
    """Make a change to each listing in its own transaction; what is refused stays as it is, the others go on.

    A trial does the very same and takes it back. Listings of others are left out. Raises InvalidInput (listings: none, too many).
    """
    chosen = list(dict.fromkeys(listing_ids))
    if not 0 < len(chosen) <= MAX_LISTINGS:
        raise InvalidInput("Choose some listings.", field="listings", remedy=_("At most %(n)s.") % {"n": MAX_LISTINGS})
    known = find_own_listings(chosen, seller_id=actor.organisation_id)
    return [
        _changed(known[listing_id], change, is_trial=is_trial, actor=actor, now=now)
        for listing_id in chosen
        if listing_id in known
    ]


def _changed(row: Listing, change: BulkChange, *, is_trial: bool, actor: Actor, now: datetime) -> BulkRow:
    read, act = _ACTS[change.action]
    try:
        with transaction.atomic():
            act(row, change, actor, now)
            after = read(find_own_listings([row.id], seller_id=actor.organisation_id)[row.id])
            transaction.set_rollback(is_trial)
    except DomainError as error:
        return BulkRow(row.id, row.full_title, read(row), None, error.message, error.remedy)
    return BulkRow(row.id, row.full_title, read(row), after)


def _price_percent(row: Listing, change: BulkChange, actor: Actor, now: datetime) -> None:
    price = row.price.portion(WHOLE + change.basis_points)
    set_price(listing_id=row.id, price=price, actor=actor, now=now)


def _price_amount(row: Listing, change: BulkChange, actor: Actor, now: datetime) -> None:
    price = Money(row.price_minor + change.amount_minor, row.currency)
    set_price(listing_id=row.id, price=price, actor=actor, now=now)


def _stock(row: Listing, change: BulkChange, actor: Actor, now: datetime) -> None:
    services.set_stock(listing_id=row.id, stock=change.stock, actor=actor)


def _handling(row: Listing, change: BulkChange, actor: Actor, now: datetime) -> None:
    services.set_handling_days(listing_id=row.id, days=change.days, actor=actor, now=now)


def _category(row: Listing, change: BulkChange, actor: Actor, now: datetime) -> None:
    services.move_to_category(listing_id=row.id, category_code=change.category, actor=actor, now=now)


def _publish(row: Listing, change: BulkChange, actor: Actor, now: datetime) -> None:
    services.publish_listing(listing_id=row.id, actor=actor, now=now)


def _withdraw(row: Listing, change: BulkChange, actor: Actor, now: datetime) -> None:
    services.withdraw_listing(listing_id=row.id, actor=actor, now=now)


_Read = Callable[[Listing], Any]
_Act = Callable[[Listing, BulkChange, Actor, datetime], None]
_ACTS: Final[dict[BulkAction, tuple[_Read, _Act]]] = {
    BulkAction.PRICE_PERCENT: (lambda row: row.price, _price_percent),
    BulkAction.PRICE_AMOUNT: (lambda row: row.price, _price_amount),
    BulkAction.STOCK: (lambda row: row.stock.on_hand, _stock),
    BulkAction.HANDLING: (lambda row: row.handling_days, _handling),
    BulkAction.CATEGORY: (lambda row: row.category.name, _category),
    BulkAction.PUBLISH: (lambda row: row.state, _publish),
    BulkAction.WITHDRAW: (lambda row: row.state, _withdraw),
}
