"""A purchase whose price was agreed beforehand: no cart, one listing, everything else as in any checkout."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.db import transaction

from core.actor import Actor
from core.events import marketplace as events
from core.ids import new_id, order_number, short_code
from core.money import Money
from core.outbox.services import publish
from core.statements import insert
from logistics.contracts import ServiceQuote
from marketplace.approvals.services import ask_if_above_limit
from marketplace.catalog.models import Listing
from marketplace.catalog.selectors import first_photos, thumbnail
from marketplace.catalog.services import reserve_stock
from marketplace.contracts import OrderState, Place
from marketplace.orders.models import Order, OrderLine, OrderTransition, Purchase
from marketplace.orders.rules import delivery_record, purchase_fingerprint
from marketplace.orders.selectors import event_lines, find_purchase_by_key, order_facts
from payments import facade as payments
from payments.contracts import EscrowLine, EscrowRequest, LineKind


def place_agreed(
    *, key: str, buyer_id: UUID, listing: Listing, quantity: int, unit_price: Money, delivery: ServiceQuote, address: Place,
    pay_until: datetime, actor: Actor, now: datetime,
) -> Purchase:  # fmt: skip
    """Place one order at an agreed price and delivery, reserve its stock until `pay_until`, and open its charge.

    Idempotent by (buyer, key); the caller holds the lock of what was agreed. Locks the stock. Publishes OrderPlaced.
    Raises NotEnoughStock.
    """
    with transaction.atomic():
        placed = find_purchase_by_key(buyer_id=buyer_id, key=key)
        if placed is not None:
            return placed
        quantities = {listing.id: quantity}
        reserve_stock(quantities=quantities)
        purchase_id, order_id = new_id(), new_id()
        goods = unit_price * quantity
        total = goods + delivery.price
        order = Order(
            id=order_id, number=order_number(order_id), purchase_id=purchase_id, buyer_id=buyer_id, seller=listing.seller,
            state=OrderState.AWAITING_PAYMENT, goods_minor=goods.minor, shipping_minor=delivery.price.minor,
            total_minor=total.minor, currency=total.currency, delivery=delivery_record(delivery),
            promised_latest=delivery.latest, ship_by=delivery.ship_by, placed_at=now,
        )  # fmt: skip
        line = OrderLine(
            order=order, listing=listing, title=listing.full_title, sku=listing.sku,
            category_code=listing.category_id, quantity=quantity,
            photo=thumbnail(first_photos([listing.id]).get(listing.id)), unit_price_minor=unit_price.minor,
            currency=unit_price.currency,
        )  # fmt: skip
        charge = payments.open_charge(
            purchase_id=purchase_id, buyer_id=buyer_id, amount=total, escrows=(_escrow(order, line),), actor=actor, now=now
        )  # fmt: skip
        purchase = Purchase(
            id=purchase_id, number=short_code(purchase_id, prefix="LP"), buyer_id=buyer_id, key=key,
            fingerprint=purchase_fingerprint(
                address=address, delivery={listing.seller_id: delivery.service_code}, quantities=quantities
            ),
            charge_id=charge.charge_id, total_minor=total.minor, currency=total.currency, ship_to=asdict(address),
            placed_at=now, expires_at=pay_until,
        )  # fmt: skip
        insert(purchase)
        insert(order)
        insert(line)
        insert(
            OrderTransition(
                order=order, from_state="", to_state=order.state, action="PLACE", actor=actor.reference, at=now
            )
        )
        placed_event = events.OrderPlaced(**order_facts(order, now), total=order.total, lines=event_lines([line]))
        publish(placed_event, actor=actor, now=now)
        if actor.acts_for(buyer_id):
            ask_if_above_limit(purchase=purchase, actor=actor, now=now)
    return purchase


def _escrow(order: Order, line: OrderLine) -> EscrowRequest:
    return EscrowRequest(
        order_id=order.id, seller_id=order.seller_id, amount=order.total,
        lines=(
            EscrowLine(str(line.id), line.total, category=line.category_code, quantity=line.quantity),
            EscrowLine("shipping", order.shipping, kind=LineKind.SHIPPING),
        ),
    )  # fmt: skip
