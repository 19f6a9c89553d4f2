"""The seller's invoice for a step that was paid."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from core.actor import Actor
from core.ids import order_number
from core.money import Money
from marketplace.agreements.selectors import find_step
from marketplace.sellers.parties import SellerDirectory
from payments import facade as payments
from payments.contracts import InvoiceLine, InvoiceRequest


def invoice_step(*, step_id: UUID, actor: Actor, now: datetime) -> None:
    """Once a step is paid, once; not a step: nothing. The buyer's own country is where the goods go."""
    step = find_step(step_id)
    if step is None:
        return
    directory = SellerDirectory()
    seller, buyer = directory.find_party(step.agreement.seller_id), directory.find_party(step.agreement.buyer_id)
    assert seller is not None
    assert buyer is not None
    line = InvoiceLine(
        f"{step.agreement.title}: {step.name}", 1, step.amount, step.agreement.listing.category_id
    )  # fmt: skip
    request = InvoiceRequest(
        order_id=step.id, order_number=order_number(step.id), seller=seller, buyer=buyer, lines=(line,),
        shipping=Money.zero(step.currency), ship_to=buyer.country, ship_to_postcode=buyer.postcode,
        supplied_on=now.date(),
    )  # fmt: skip
    payments.issue_invoice(request=request, actor=actor, now=now)
