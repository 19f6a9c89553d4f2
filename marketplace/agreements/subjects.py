"""What a dispute can be about: an order, or a step of an agreement, which counts as an order of its own.

An order has a state that follows the dispute; a step has none: its escrow alone tells where it stands.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.actor import Actor
from core.money import Money
from marketplace.agreements.selectors import find_step, find_step_as_order
from marketplace.contracts import OrderNotFound, OrderView
from marketplace.orders import selectors as order_reads
from marketplace.orders import services as orders
from payments import facade as payments


def find_order_view(order_id: UUID) -> OrderView | None:
    return order_reads.find_order_view(order_id) or find_step_as_order(order_id)


def get_order_for(*, order_id: UUID, actor: Actor) -> OrderView:
    """For its buyer, its seller and operators. Raises OrderNotFound for everyone else."""
    view = find_order_view(order_id)
    if view is None or not (actor.is_operator or actor.acts_for(view.buyer_id) or actor.acts_for(view.seller_id)):
        raise OrderNotFound()
    return view


def mark_disputed(*, order_id: UUID, actor: Actor, now: datetime) -> None:
    if find_step(order_id) is None:
        orders.mark_disputed(order_id=order_id, actor=actor, now=now)


def resume_after_dispute(*, order_id: UUID, actor: Actor, now: datetime) -> None:
    if find_step(order_id) is None:
        orders.resume_after_dispute(order_id=order_id, actor=actor, now=now)


def settle_dispute(*, order_id: UUID, refund: Money, reason: str, actor: Actor, now: datetime) -> None:
    if find_step(order_id) is None:
        orders.settle_dispute(order_id=order_id, refund=refund, reason=reason, actor=actor, now=now)
    else:
        payments.decide_escrow(order_id=order_id, refund=refund, reason=reason, actor=actor, now=now)
