"""Carrying out what a broken delivery promise gives back: from the order's escrow, and by whom it is borne."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from core.actor import Actor
from core.money import Money
from core.states import next_state
from marketplace.orders.models import Order
from marketplace.orders.selectors import find_locked_order, find_parcel_order
from marketplace.remedies import selectors
from marketplace.remedies.models import PromiseRemedy, RemedyTransition
from marketplace.remedies.rules import GIVE_UP_AFTER, bears_it, next_try, remedy_amount
from marketplace.remedies.states import TRANSITIONS, RemedyAction, RemedyState
from payments import facade as payments
from payments.contracts import (
    EscrowNotFound,
    EscrowTransitionRefused,
    RefundDuringDispute,
    RefundTooLarge,
    RefundView,
    UnknownLine,
)  # fmt: skip

KEY = "promise"
SHIPPING = "shipping"
BATCH = 200


def remedy_promise(
    *, subject_id: UUID, days_late: int, share_bps: int, liable: str, broken_at: datetime, actor: Actor, now: datetime
) -> None:
    """Give the policy's share of the shipping price back to the buyer, once for an order.

    It leaves the seller's escrow (or, once released, the seller's balance). Was the delay not the seller's, the platform
    gives the seller the same by a compensation. During a dispute it waits. Never more than is left of the shipping
    price. `subject_id` is the order, or the parcel of it that was late first. What is not of ours, and a share of
    nothing, change nothing. Locks the order, then the escrow.
    """
    with transaction.atomic():
        order = find_locked_order(find_parcel_order(subject_id) or subject_id)
        if order is None or selectors.find_remedy(order.id) is not None:
            return
        amount = remedy_amount(shipping=order.shipping, share_bps=share_bps)
        if not amount:
            return
        remedy = PromiseRemedy.objects.create(
            order=order, state=RemedyState.DUE, days_late=days_late, share_bps=share_bps, liable=liable,
            amount_minor=amount.minor, currency=amount.currency, broken_at=broken_at, due_at=now,
        )  # fmt: skip
        _record(remedy, "", actor=actor, now=now, reason=f"{days_late} days late")
        _pay(remedy, order, actor=actor, now=now)


def pay_due_remedies(*, now: datetime) -> int:
    """Try those again that had to wait for a dispute. Returns how many were tried."""
    actor, due = Actor.system("promise"), selectors.list_due_orders(now=now, limit=BATCH)
    for order_id in due:
        with transaction.atomic():
            order, remedy = find_locked_order(order_id), selectors.lock_remedy(order_id)
            if order is not None and remedy is not None and remedy.state == RemedyState.DUE:
                _pay(remedy, order, actor=actor, now=now)
    return len(due)


def _pay(remedy: PromiseRemedy, order: Order, *, actor: Actor, now: datetime) -> None:
    """The refund, its compensation and the record in the caller's transaction."""
    try:
        made = _refund(remedy, actor=actor, now=now)
    except RefundDuringDispute:
        _wait_or_close(remedy, actor=actor, now=now)
        return
    except (RefundTooLarge, UnknownLine, EscrowNotFound, EscrowTransitionRefused) as error:
        _move(remedy, RemedyAction.CLOSE, actor=actor, now=now, reason=error.message)
        return
    remedy.refund_id, remedy.paid_minor = made.refund_id, made.amount.minor
    if bears_it(remedy.liable) == "PLATFORM":
        remedy.compensation_id = payments.request_adjustment(
            seller_id=order.seller_id, kind="COMPENSATION", amount=made.amount, order_id=order.id, actor=actor, now=now,
            reason=f"Order {order.number}: the carrier was late, so the platform bears the shipping refund.",
        )  # fmt: skip
    _move(remedy, RemedyAction.PAY, actor=actor, now=now)


def _refund(remedy: PromiseRemedy, *, actor: Actor, now: datetime) -> RefundView:
    """The share, or what is left of the shipping price when that is less. A refusal leaves nothing behind."""
    try:
        return _refund_part(remedy, remedy.amount, actor=actor, now=now)
    except RefundTooLarge:
        return _refund_part(remedy, None, actor=actor, now=now)


def _refund_part(remedy: PromiseRemedy, part: Money | None, *, actor: Actor, now: datetime) -> RefundView:
    with transaction.atomic():
        return payments.refund(
            order_id=remedy.order_id, lines={SHIPPING: part}, key=KEY, actor=actor, now=now,
            reason=f"The parcel came {remedy.days_late} days after its promised day",
        )  # fmt: skip


def _wait_or_close(remedy: PromiseRemedy, *, actor: Actor, now: datetime) -> None:
    if now - remedy.broken_at > GIVE_UP_AFTER:
        _move(remedy, RemedyAction.CLOSE, actor=actor, now=now, reason="Disputed for too long")
        return
    remedy.due_at = next_try(attempts=remedy.attempts, now=now)
    remedy.attempts += 1
    remedy.save(update_fields=["due_at", "attempts"])


def _move(remedy: PromiseRemedy, action: RemedyAction, *, actor: Actor, now: datetime, reason: str = "") -> None:
    before = RemedyState(remedy.state)
    remedy.state = next_state(TRANSITIONS, before, action)
    remedy.due_at, remedy.settled_at = None, now
    remedy.save()
    _record(remedy, before, actor=actor, now=now, reason=reason)


def _record(remedy: PromiseRemedy, before: str, *, actor: Actor, now: datetime, reason: str) -> None:
    RemedyTransition.objects.create(
        remedy=remedy, from_state=before, to_state=remedy.state, actor=actor.reference, reason=reason[:300], at=now
    )
