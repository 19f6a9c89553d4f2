"""Orders that do not go the plain way: packed in parts, withdrawn from; and a buyer that buys by rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.demo.unhappy import orders_of_sellers
from core.money import Money
from marketplace import facade as marketplace
from marketplace.contracts import OrderState, OrderView

if TYPE_CHECKING:
    from config.demo.world import World

LOOKED_AT = 12
"""Sellers whose orders are looked through; the first is the demo seller."""
IN_PARTS = 3


def divide(world: World) -> None:
    """A few orders of several pieces are packed in part; one buyer withdraws before anything is sent; one has limits."""
    buyers = {buyer.organisation_id: buyer for buyer in world.buyers}
    waiting = _waiting(world)
    for order in waiting[:IN_PARTS]:
        marketplace.pack_parcel(
            order_id=order.order_id, pieces={order.lines[0].line_id: 1}, actor=world.sellers[order.seller_id].actor,
            now=world.end,
        )  # fmt: skip
    for order in waiting[IN_PARTS : IN_PARTS + 1]:
        marketplace.withdraw(
            order_id=order.order_id, pieces={order.lines[0].line_id: 1}, name=order.buyer_name,
            email="buyer@demo.lonja.example", actor=buyers[order.buyer_id].actor, now=world.end,
        )  # fmt: skip
    first = world.buyers[0]
    marketplace.save_buyer_profile(
        vat_number="ESB58378431", staff_limit=Money(20_000, "EUR"), manager_limit=Money(100_000, "EUR"),
        actor=first.actor, now=world.end,
    )  # fmt: skip


def _waiting(world: World) -> list[OrderView]:
    """Paid orders of several pieces without a parcel, in a fixed order."""
    return [
        order
        for order in orders_of_sellers(world, LOOKED_AT)
        if order.state is OrderState.PAID and sum(line.quantity for line in order.lines) > 1
    ]
