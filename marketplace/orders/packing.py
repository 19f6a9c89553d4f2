"""How an order could be packed, in words. Reads only."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from core.actor import Actor
from marketplace.contracts import OrderNotFound
from marketplace.orders import services
from marketplace.orders.models import Order
from marketplace.orders.selectors import get_order_for


def get_own_sale(order_id: UUID, actor: Actor) -> Order:
    """Raises OrderNotFound, also for the buyer."""
    order = get_order_for(order_id=order_id, actor=actor)
    if not actor.acts_for(order.seller_id):
        raise OrderNotFound()
    return order


def proposal_of(order: Order) -> list[dict[str, Any]]:
    """The proposed parcels with the titles of what is in them; two queries at most."""
    lines = [line for line in order.lines.select_related("listing") if line.kept]
    titles = {str(line.id): line.title for line in lines}
    return [
        {
            "number": number, "spec": parcel.spec, "carton": parcel.carton,
            "contents": [
                {"line_id": key, "title": titles[key], "quantity": quantity} for key, quantity in parcel.contents
            ],
        }
        for number, parcel in enumerate(services.packing_of(order, lines), start=1)
    ]  # fmt: skip
