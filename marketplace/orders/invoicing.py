"""Asking payments for the invoice of a paid order."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from core.actor import Actor
from marketplace.orders.models import Order
from marketplace.orders.selectors import find_order
from marketplace.sellers.parties import SellerDirectory
from payments import facade as payments
from payments.contracts import InvoiceLine, InvoiceRequest, Party


def invoice_order(*, order_id: UUID, actor: Actor, now: datetime) -> None:
    """The seller's invoice to the buyer, once; goods go to the purchase's address."""
    order = find_order(order_id)
    if order is None or order.paid_at is None:
        return
    directory = SellerDirectory()
    seller, buyer = directory.find_party(order.seller_id), directory.find_party(order.buyer_id)
    assert seller is not None
    assert buyer is not None
    request = InvoiceRequest(
        order_id=order.id, order_number=order.number, seller=seller, buyer=_addressed(buyer, order),
        lines=tuple(
            InvoiceLine(line.title, line.quantity, line.total, line.category_code) for line in order.lines.all()
        ),
        shipping=order.shipping, ship_to=order.purchase.address.country,
        ship_to_postcode=order.purchase.address.postcode, supplied_on=order.paid_at.date(),
        po_number=order.purchase.po_number,
    )  # fmt: skip
    payments.issue_invoice(request=request, actor=actor, now=now)


def _addressed(buyer: Party, order: Order) -> Party:
    """A buyer without a business profile is addressed where the goods go."""
    if buyer.street:
        return buyer
    place = order.purchase.address
    return replace(
        buyer, name=place.name or buyer.name, street=place.street, postcode=place.postcode, town=place.city,
        country=place.country,
    )  # fmt: skip
