"""Buying the goods of an order again: into the cart, at today's prices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.actor import Actor
from core.errors import DomainError, NotFound
from marketplace.carts.selectors import CartOwner, list_quantities
from marketplace.carts.services import set_line
from marketplace.catalog.selectors import get_listing_on_sale
from marketplace.contracts import NotEnoughStock, OrderNotFound
from marketplace.orders.models import OrderLine
from marketplace.orders.selectors import get_order_for


@dataclass(frozen=True, slots=True)
class Again:
    """What came of one line: `added` pieces stand in the cart because of it, and why it is not all of them."""

    title: str
    wanted: int
    added: int
    reason: str = ""


def buy_again(*, order_id: UUID, actor: Actor, now: datetime) -> list[Again]:
    """Have the goods of an order in the buyer's cart, as many as were bought or as are left. Twice changes nothing.

    What is no longer there is told by line. Raises OrderNotFound (not the buyer).
    """
    order = get_order_for(order_id=order_id, actor=actor)
    if not actor.acts_for(order.buyer_id):
        raise OrderNotFound()
    owner = CartOwner(organisation_id=order.buyer_id)
    present = list_quantities(owner)
    return [_put(line, owner, present.get(line.listing_id, 0), now=now) for line in order.lines.all()]


def _put(line: OrderLine, owner: CartOwner, present: int, *, now: datetime) -> Again:
    wanted = max(present, line.quantity)
    try:
        set_line(owner=owner, listing_id=line.listing_id, quantity=wanted, now=now)
    except NotEnoughStock:
        return _put_what_is_left(line, owner, now=now)
    except NotFound:
        return Again(line.title, line.quantity, 0, "No longer sold.")
    except DomainError as error:
        return Again(line.title, line.quantity, 0, error.message)
    return Again(line.title, line.quantity, line.quantity)


def _put_what_is_left(line: OrderLine, owner: CartOwner, *, now: datetime) -> Again:
    left = get_listing_on_sale(line.listing_id).stock.available
    try:
        if left:
            set_line(owner=owner, listing_id=line.listing_id, quantity=left, now=now)
    except DomainError as error:
        return Again(line.title, line.quantity, 0, error.message)
    return Again(line.title, line.quantity, left, NotEnoughStock.message)
