"""Money around parcels that carriers lost or harmed: the buyer first, the seller when the carrier pays."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from core.actor import Actor
from core.money import Money
from logistics import facade as logistics
from marketplace.orders.models import Order
from marketplace.orders.parcels import follow_loss
from marketplace.orders.selectors import find_locked_order, find_parcel_order, worth_of_parcel
from marketplace.recoveries.models import Recovery
from marketplace.returns.models import Return
from payments import facade as payments
from payments.contracts import EscrowNotFound, EscrowTransitionRefused, RefundDuringDispute, RefundTooLarge

LATE = "LATE_GUARANTEE"


def refund_lost_order(*, subject_id: UUID, actor: Actor, now: datetime) -> None:
    """The carrier gave an order's parcel up: everything goes back to the buyer, once; of an order sent in parts, what was
    in the parcel. Locks the order, then the escrow.

    During a dispute its decision moves the money; with nothing left there is nothing to do; an order that is not of
    ours changes nothing.
    """
    if find_parcel_order(subject_id) is not None:
        follow_loss(parcel_id=subject_id, actor=actor, now=now)
        return
    with transaction.atomic():
        order = find_locked_order(subject_id)
        if order is None:
            return
        try:
            with transaction.atomic():
                payments.refund(
                    order_id=order.id, reason="The carrier lost the parcel", key="lost", actor=actor, now=now
                )
        except (RefundDuringDispute, RefundTooLarge, EscrowNotFound, EscrowTransitionRefused):
            return


def value_claim(*, claim_id: UUID, subject_id: UUID, purpose: str, actor: Actor, now: datetime) -> None:
    """Tell logistics what a claimed parcel's goods are worth: what the buyer paid for them. Unknown goods: nothing."""
    amount = _worth(subject_id, purpose)
    if amount is not None and amount.minor > 0:
        logistics.value_claim(claim_id=claim_id, amount=amount, actor=actor, now=now)


def _worth(subject_id: UUID, purpose: str) -> Money | None:
    """An order with its delivery, a parcel of it, or the pieces that go back (or are sent again)."""
    if purpose == "ORDER":
        order = Order.objects.filter(id=subject_id).first()
        return order.total if order else worth_of_parcel(subject_id)
    found = _return(subject_id, purpose)
    if found is None:
        return None
    lines = found.lines.select_related("line")
    return sum((part.line.worth_of(part.quantity) for part in lines), Money.zero(found.currency))


def _return(subject_id: UUID, purpose: str) -> Return | None:
    key = "id" if purpose == "RETURN" else "replacement_id"
    return Return.objects.select_related("order").filter(**{key: subject_id}).first()


def pass_on_recovery(
    *, claim_id: UUID, number: str, claim_type: str, subject_id: UUID, purpose: str, amount: Money, actor: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """The carrier paid a claim: the money goes to the seller, whose goods and income were lost; once for a claim.

    For a late parcel the platform had made the seller good already, so that it keeps the money.
    """
    with transaction.atomic():
        back = None if purpose == "ORDER" else _return(subject_id, purpose)
        order = find_locked_order(back.order_id if back else find_parcel_order(subject_id) or subject_id)
        if order is None or Recovery.objects.filter(claim_id=claim_id).exists():
            return
        adjustment_id = None
        if claim_type != LATE:
            adjustment_id = payments.request_adjustment(
                seller_id=order.seller_id, kind="COMPENSATION", amount=amount, order_id=order.id, actor=actor, now=now,
                reason=f"Order {order.number}: the carrier paid claim {number}.",
            )  # fmt: skip
        Recovery.objects.create(
            claim_id=claim_id, claim_number=number, order=order, amount_minor=amount.minor, currency=amount.currency,
            adjustment_id=adjustment_id, at=now,
        )  # fmt: skip
