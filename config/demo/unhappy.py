"""What goes wrong with money, so that the pages about it are not empty: a few cases of each kind, at the world's end.

Chargebacks are lived with the trade (world.py: two of each half); the rest needs orders that stand somewhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from config.demo.people import Party
from core.money import Money
from core.outbox import services as outbox
from marketplace import facade as marketplace
from marketplace.contracts import OrderState, OrderView
from payments import facade as payments
from trust import facade as trust
from trust.contracts import DisputeReason, DisputeWish

if TYPE_CHECKING:
    from config.demo.world import World

RESERVE_BASIS_POINTS, RESERVE_DAYS = 1000, 90
LOOKED_AT = 12
"""Sellers whose orders are looked through: enough cases, and the same few queries in a large world."""


def keep_reserve(seller: Party, operator: Party, *, now: datetime) -> None:
    """A tenth of what this seller is paid waits for claims, from the start."""
    payments.set_reserve_policy(
        seller_id=seller.organisation_id, basis_points=RESERVE_BASIS_POINTS, days=RESERVE_DAYS,
        reason="New shop with expensive goods.", actor=operator.actor, now=now,
    )  # fmt: skip


def orders_of_sellers(world: World, count: int) -> list[OrderView]:
    """The orders of the first so many sellers over all days, in a fixed order; the first is the demo seller."""
    since = world.end - timedelta(days=world.size.days)
    return [
        order
        for seller in list(world.sellers.values())[:count]
        for order in sorted(
            marketplace.list_orders_of_seller(seller_id=seller.organisation_id, since=since),
            key=lambda order: order.number,
        )
    ]


def undisputed(orders: Iterable[OrderView]) -> list[OrderView]:
    """Those whose money no bank asks back."""
    asked = list(orders)
    escrows = payments.list_escrows(order.order_id for order in asked)
    return [order for order in asked if not escrows[order.order_id].frozen]


def untouched(orders: Iterable[OrderView]) -> list[OrderView]:
    """Those of which nobody has had money back, nor asks for it."""
    asked = list(orders)
    escrows = payments.list_escrows(order.order_id for order in asked)
    return [
        order
        for order, escrow in ((order, escrows[order.order_id]) for order in asked)
        if not (escrow.refunded.minor or escrow.frozen or escrow.charged_back)
    ]


def go_wrong(world: World) -> None:
    """Refunds after release, a dispute about one line, a penalty that waits, and a day of the bank with a return."""
    assert world.operator is not None
    orders = orders_of_sellers(world, LOOKED_AT)
    completed = untouched(order for order in orders if order.state is OrderState.COMPLETED)
    _refund_some(world, completed[:3])
    delivered = undisputed(order for order in orders if order.state is OrderState.DELIVERED)
    buyers = {buyer.organisation_id: buyer for buyer in world.buyers}
    _dispute_a_line(delivered[:1], buyers, world.end)
    payments.request_adjustment(
        seller_id=next(iter(world.sellers)), kind="PENALTY", amount=Money(-25_000, "EUR"),
        reason="Two parcels handed over after the promised day.", actor=world.operator.actor, now=world.end,
    )  # fmt: skip
    _bank_day(world, delivered[1:], buyers)


def _refund_some(world: World, orders: list[OrderView]) -> None:
    """The sellers give a part back after they were paid: the waterfall of available money, reserve and debt."""
    for number, order in enumerate(orders, start=1):
        amount = Money(max(order.total.minor * number // 4, 1), order.total.currency)
        payments.refund(
            order_id=order.order_id, amount=amount, reason="It broke in the first week.", key=f"demo-{number}",
            actor=world.sellers[order.seller_id].actor, now=world.end,
        )  # fmt: skip


def _dispute_a_line(orders: list[OrderView], buyers: dict[UUID, Party], now: datetime) -> None:
    for order in orders:
        trust.open_dispute(
            order_id=order.order_id, reason=DisputeReason.DAMAGED, wish=DisputeWish.PARTIAL_REFUND,
            description="One piece arrived with a crack, the rest is fine.", lines=[str(order.lines[0].line_id)],
            actor=buyers[order.buyer_id].actor, now=now,
        )  # fmt: skip


def _bank_day(world: World, orders: list[OrderView], buyers: dict[UUID, Party]) -> None:
    """Some payouts go by payment file; the statement shows them, one comes back, and one receipt explains itself to nobody."""
    assert world.operator is not None
    payments.choose_payout_rail(currency="EUR", rail="bank", actor=world.operator.actor, now=world.end)
    for order in orders[:4]:
        marketplace.confirm_receipt(order_id=order.order_id, actor=buyers[order.buyer_id].actor, now=world.end)
    outbox.drain(now=world.end)
    payments.simulate_bank_day(currency="EUR", strangers=1, returned=1, now=world.end)
    payments.choose_payout_rail(currency="EUR", rail="", actor=world.operator.actor, now=world.end)
