"""What comes after delivery, so that the pages about it are not empty: goods that go back and claims against carriers."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from config.demo.unhappy import orders_of_sellers, untouched
from core.outbox import services as outbox
from logistics import facade as logistics
from marketplace import facade as marketplace
from marketplace.contracts import OrderState, OrderView

if TYPE_CHECKING:
    from config.demo.world import World

LOOKED_AT = 6
"""Sellers whose orders are looked through; the first is the demo seller."""
CASES = (
    ("DAMAGED", "The rim is chipped on one side.", "ask"), ("WRONG_SIZE", "", "send"),
    ("CHANGED_MIND", "", "accept"), ("NOT_AS_DESCRIBED", "The colour is another one than in the pictures.", "ask"),
)  # fmt: skip


def send_back(world: World) -> None:
    """A return in each state a seller meets (to be answered, on its way, paid back), and the claims parcels give reason for."""
    buyers = {buyer.organisation_id: buyer for buyer in world.buyers}
    for order, (reason, note, until) in zip(_delivered(world), CASES, strict=False):
        buyer, seller = buyers[order.buyer_id], world.sellers[order.seller_id]
        return_id = marketplace.request_return(
            order_id=order.order_id, line_id=order.lines[0].line_id, quantity=1, reason=reason, note=note,
            actor=buyer.actor, now=world.end,
        )  # fmt: skip
        if until == "send":
            marketplace.send_return(return_id=return_id, actor=buyer.actor, now=world.end)
        elif until == "accept":
            marketplace.accept_return(return_id=return_id, actor=seller.actor, now=world.end)
    outbox.drain(now=world.end)
    logistics.review_claims(now=world.end)
    logistics.measure_lanes(now=world.end)
    outbox.drain(now=world.end)  # what the goods are worth


def _delivered(world: World) -> list[OrderView]:
    """Orders their buyers may still change their mind about, in a fixed order."""
    return untouched(
        order
        for order in orders_of_sellers(world, LOOKED_AT)
        if order.state in {OrderState.DELIVERED, OrderState.COMPLETED}
        and order.delivered_at is not None
        and order.delivered_at > world.end - timedelta(days=13)
    )
