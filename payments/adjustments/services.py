"""Correcting a seller's balance: asked for with a reason, approved by somebody else above a limit, posted once."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from core.actor import Actor
from core.audit import services as audit
from core.errors import InvalidInput, NotAllowed, NotFound
from core.events.payments import AdjustmentPosted, AdjustmentRejected, AdjustmentRequested
from core.money import Money
from core.outbox.services import publish
from core.states import next_state
from payments.adjustments import selectors
from payments.adjustments.models import Adjustment, AdjustmentTransition
from payments.adjustments.rules import COUNTERPARTS
from payments.adjustments.states import TRANSITIONS, AdjustmentAction, AdjustmentState
from payments.ledger.rules import Leg
from payments.payouts.claims import post_against_seller

A, S = AdjustmentAction, AdjustmentState


def request_adjustment(
    *, seller_id: UUID, kind: str, amount: Money, reason: str, actor: Actor, now: datetime, order_id: UUID | None = None
) -> Adjustment:
    """Ask for a correction: negative takes from the seller, positive gives. Up to the limit it is posted at once.

    Audited; publishes AdjustmentRequested, and AdjustmentPosted when it moved money. Raises NotFound (not an
    operator), InvalidInput (no reason, nothing to move, a sign that does not fit the kind).
    """
    _check_operator(actor)
    words = reason.strip()
    if not words:
        raise InvalidInput("Say why.", field="reason")
    if kind not in Adjustment.Kind.values or not amount:
        raise InvalidInput("Choose a kind and an amount.", field="amount")
    if (kind == "PENALTY") is not amount.is_negative and kind != "CORRECTION":
        raise InvalidInput("A penalty takes money, a compensation gives it.", field="amount")
    with transaction.atomic():
        adjustment = Adjustment.objects.create(
            seller_id=seller_id, order_id=order_id, kind=kind, amount_minor=amount.minor, currency=amount.currency,
            reason=words[:300], state=S.REQUESTED.value, requested_by=actor.reference[:120], requested_at=now,
        )  # fmt: skip
        _record(adjustment, "", actor=actor, now=now, reason=words)
        publish(AdjustmentRequested(**_facts(adjustment, now)), actor=actor, now=now)
        if abs(amount.minor) <= selectors.approval_limit(amount.currency):
            _approve_and_post(adjustment, actor=actor, now=now, reason="Below the limit for a second person")
    return adjustment


def approve_adjustment(*, adjustment_id: UUID, actor: Actor, now: datetime) -> Adjustment:
    """The second person says yes: the money moves. Locks the adjustment.

    Raises NotFound, NotAllowed (the person who asked), TransitionRefused (decided before).
    """
    _check_operator(actor)
    with transaction.atomic():
        adjustment = selectors.lock_adjustment(adjustment_id)
        _check_other_person(adjustment, actor)
        _approve_and_post(adjustment, actor=actor, now=now, reason="Approved")
    return adjustment


def reject_adjustment(*, adjustment_id: UUID, reason: str, actor: Actor, now: datetime) -> Adjustment:
    """The second person says no. Raises NotFound, NotAllowed, InvalidInput (no reason), TransitionRefused."""
    _check_operator(actor)
    if not reason.strip():
        raise InvalidInput("Say why.", field="reason")
    with transaction.atomic():
        adjustment = selectors.lock_adjustment(adjustment_id)
        _check_other_person(adjustment, actor)
        adjustment.decided_by, adjustment.decided_at = actor.reference[:120], now
        _move(adjustment, A.REJECT, actor=actor, now=now, reason=reason.strip())
        publish(AdjustmentRejected(**_facts(adjustment, now)), actor=actor, now=now)
    return adjustment


def _check_operator(actor: Actor) -> None:
    if not (actor.is_operator or actor.is_system):
        raise NotFound()


def _check_other_person(adjustment: Adjustment, actor: Actor) -> None:
    if adjustment.requested_by == actor.reference[:120]:
        raise NotAllowed("Somebody else must decide about this.")


def _approve_and_post(adjustment: Adjustment, *, actor: Actor, now: datetime, reason: str) -> None:
    adjustment.decided_by, adjustment.decided_at = actor.reference[:120], now
    _move(adjustment, A.APPROVE, actor=actor, now=now, reason=reason)
    adjustment.txn_id = _post(adjustment, now=now)
    _move(adjustment, A.POST, actor=actor, now=now)
    publish(AdjustmentPosted(**_facts(adjustment, now)), actor=actor, now=now)


def _post(adjustment: Adjustment, *, now: datetime) -> int:
    """Payable, then reserve, then debt; what is given pays the debt first."""
    return post_against_seller(
        seller_id=adjustment.seller_id, amount=adjustment.amount, scope="adjustment", key=str(adjustment.id),
        counterpart=Leg(COUNTERPARTS[adjustment.kind], "", adjustment.amount), kind="ADJUSTMENT",
        ref=str(adjustment.order_id or adjustment.id), now=now,
    )  # fmt: skip


def _move(adjustment: Adjustment, action: AdjustmentAction, *, actor: Actor, now: datetime, reason: str = "") -> None:
    before, adjustment.state = adjustment.state, next_state(TRANSITIONS, S(adjustment.state), action).value
    adjustment.save()
    _record(adjustment, before, actor=actor, now=now, reason=reason)


def _record(adjustment: Adjustment, before: str, *, actor: Actor, now: datetime, reason: str = "") -> None:
    AdjustmentTransition.objects.create(
        adjustment=adjustment, from_state=before, to_state=adjustment.state, actor=actor.reference[:120],
        reason=reason[:500], at=now,
    )  # fmt: skip
    audit.record(
        actor=actor, action=f"adjustment.{adjustment.state.lower()}", subject_type="seller", now=now,
        subject_id=adjustment.seller_id, adjustment=str(adjustment.id), amount=str(adjustment.amount), reason=reason[:300],
    )  # fmt: skip


def _facts(adjustment: Adjustment, now: datetime) -> dict[str, Any]:
    return {
        "adjustment_id": adjustment.id, "seller_id": adjustment.seller_id, "kind": adjustment.kind,
        "amount": adjustment.amount, "reason": adjustment.reason, "at": now,
    }  # fmt: skip
