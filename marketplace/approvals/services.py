"""Approvals: asking for one, deciding, and what nobody decided."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from core.actor import Actor
from core.errors import InvalidInput, NotAllowed, NotFound
from core.events.marketplace import PurchaseApprovalMoved
from core.outbox.services import publish
from core.statements import insert
from core.states import next_state
from marketplace.approvals.models import ApprovalTransition, PurchaseApproval
from marketplace.approvals.selectors import find_approval, left_behind, lock_approval
from marketplace.approvals.states import TRANSITIONS, ApprovalAction, ApprovalState
from marketplace.buyers.selectors import may_buy_alone
from marketplace.orders.models import Purchase
from marketplace.orders.selectors import orders_of_purchase
from marketplace.orders.services import cancel_order

APPROVAL_WINDOW = timedelta(days=3)
"""How long the goods are kept for a purchase that waits for a colleague."""
PAY_WITHIN = timedelta(days=1)
"""How long they are kept once it is approved."""
A, S = ApprovalAction, ApprovalState


class AwaitsApproval(NotAllowed):
    """The purchase is above the buyer's limit and no colleague agreed yet."""

    code = "awaits_approval"
    message = "This purchase waits for a colleague's approval."


def ask_if_above_limit(*, purchase: Purchase, actor: Actor, now: datetime) -> PurchaseApproval | None:
    """A purchase just placed above its buyer's limit waits for a colleague; its goods are kept meanwhile.

    Joins the caller's transaction. Publishes PurchaseApprovalMoved. None: it can be paid at once.
    """
    if may_buy_alone(actor=actor, total=purchase.total):
        return None
    purchase.expires_at = max(purchase.expires_at, now + APPROVAL_WINDOW)
    Purchase.objects.filter(id=purchase.id).update(expires_at=purchase.expires_at)
    made = PurchaseApproval(
        purchase=purchase, state=S.WAITING, asked_by=actor.user_id, asked_name=actor.label[:120], asked_at=now
    )
    insert(made)
    _tell(made, actor=actor, now=now)
    return made


def check_payable(*, purchase_id: UUID) -> None:
    """Raises AwaitsApproval while a colleague has not agreed."""
    approval = find_approval(purchase_id)
    if approval is not None and approval.state != S.APPROVED:
        raise AwaitsApproval()


def approve_purchase(*, purchase_id: UUID, actor: Actor, now: datetime) -> PurchaseApproval:
    """A colleague agrees: it can be paid within a day. Twice changes nothing. Locks the approval.

    Raises ApprovalNotFound, NotAllowed (the asker, or above the actor's own limit), TransitionRefused.
    """
    with transaction.atomic():
        approval = _lock_for_decision(purchase_id, actor)
        if approval.state == S.APPROVED:
            return approval
        _move(approval, A.APPROVE, reason="", actor=actor, now=now)
        Purchase.objects.filter(id=purchase_id).update(expires_at=now + PAY_WITHIN)
    return approval


def refuse_purchase(*, purchase_id: UUID, reason: str, actor: Actor, now: datetime) -> PurchaseApproval:
    """A colleague refuses, with a reason: the purchase is closed and its goods go back on sale. Twice changes nothing.

    Raises ApprovalNotFound, NotAllowed, InvalidInput (no reason), TransitionRefused.
    """
    if not reason.strip():
        raise InvalidInput("Say why.", field="reason")
    with transaction.atomic():
        approval = _lock_for_decision(purchase_id, actor)
        if approval.state == S.REFUSED:
            return approval
        _move(approval, A.REFUSE, reason=reason.strip()[:500], actor=actor, now=now)
        order = orders_of_purchase(purchase_id)[0]
        cancel_order(order_id=order.id, reason=approval.reason, actor=actor, now=now)
    return approval


def close_approvals(*, now: datetime) -> int:
    """Nobody decided until the purchase was closed. Returns how many that were."""
    left, clock = left_behind(), Actor.system("approvals")
    for purchase_id in left:
        with transaction.atomic():
            approval = lock_approval(purchase_id)
            if approval.state == S.WAITING:
                _move(approval, A.EXPIRE, reason="", actor=clock, now=now)
    return len(left)


def _lock_for_decision(purchase_id: UUID, actor: Actor) -> PurchaseApproval:
    approval = lock_approval(purchase_id)
    purchase = approval.purchase
    if not actor.acts_for(purchase.buyer_id):
        raise NotFound("There is nothing to approve.")
    if actor.user_id == approval.asked_by:
        raise NotAllowed("Somebody else has to decide about your purchase.")
    if not may_buy_alone(actor=actor, total=purchase.total):
        raise NotAllowed("This purchase is above your own limit.")
    return approval


def _move(approval: PurchaseApproval, action: ApprovalAction, *, reason: str, actor: Actor, now: datetime) -> None:
    before = ApprovalState(approval.state)
    approval.state = next_state(TRANSITIONS, before, action)
    approval.decided_name, approval.decided_at, approval.reason = actor.label[:120], now, reason
    approval.save(update_fields=["state", "decided_name", "decided_at", "reason"])
    ApprovalTransition.objects.create(
        approval=approval, from_state=before, to_state=approval.state, actor=actor.reference, reason=reason, at=now
    )
    _tell(approval, actor=actor, now=now)


def _tell(approval: PurchaseApproval, *, actor: Actor, now: datetime) -> None:
    purchase = approval.purchase
    publish(
        PurchaseApprovalMoved(
            purchase_id=purchase.id, number=purchase.number, buyer_id=purchase.buyer_id, state=str(approval.state),
            total=purchase.total, reason=approval.reason, at=now,
        ),
        actor=actor, now=now,
    )  # fmt: skip
