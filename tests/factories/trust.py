"""Orders in the state a trust test starts from, made through the real services."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.actor import Actor, ActorKind
from core.ids import new_id
from core.outbox import services as outbox
from marketplace.orders.models import Order
from tests import world
from trust.contracts import DisputeReason, DisputeWish
from trust.disputes.models import Dispute
from trust.disputes.services import open_dispute

OPERATOR = Actor(ActorKind.OPERATOR, user_id=new_id(), label="Olga")


@dataclass
class Deal:
    """An order with its parties and the moment it stands at."""

    seller: world.Person
    buyer: world.Person
    order: Order
    at: datetime

    @property
    def line_id(self) -> UUID:
        return self.order.lines.get().id

    def dispute(self, **changes) -> Dispute:
        values = {"reason": DisputeReason.DAMAGED, "wish": DisputeWish.FULL_REFUND, "description": "Torn."} | changes
        found = open_dispute(order_id=self.order.id, actor=self.buyer.actor, now=self.at, **values)
        outbox.drain(now=self.at)
        return found


def paid_deal(now: datetime, *, seller: world.Person | None = None, buyer: world.Person | None = None) -> Deal:
    """Needs real commits (`real_database`)."""
    seller = seller or world.open_seller(now)
    buyer = buyer or world.person(now, name="Ana Buyer")
    order = world.buy(buyer, world.published(seller, now), now)
    return Deal(seller, buyer, order, now)


def delivered_deal(now: datetime, **parties) -> Deal:
    """The sandbox carriers lose a few parcels, as real ones do; then another order is taken."""
    for _ in range(5):
        deal = paid_deal(now, **parties)
        try:
            deal.at = world.ship(deal.seller, deal.order, now)
        except AssertionError:
            continue
        return deal
    raise AssertionError("five parcels in a row were not delivered")
