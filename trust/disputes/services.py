"""Writes of disputes. Locks are taken in the order dispute, order, escrow; opening locks the order first."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from core.actor import Actor
from core.audit.services import record
from core.errors import InvalidInput, NotAllowed, TransitionRefused
from core.events.trust import DisputeDecided, DisputeMessagePosted, DisputeOpened, DisputeWithdrawn
from core.money import Money
from core.outbox.services import publish
from core.states import next_state
from marketplace import facade as marketplace
from marketplace.contracts import OrderNotFound
from payments import facade as payments
from payments.contracts import EscrowView
from trust.contracts import (
    DisputeClosed,
    DisputeNotFound,
    DisputeNotPossible,
    DisputeParty,
    DisputeReason,
    DisputeState,
    DisputeWish,
)
from trust.disputes.models import Dispute, DisputeMessage, DisputeTransition
from trust.disputes.rules import MAX_MESSAGES_PER_PARTY, MAX_TEXT, refuse_closed
from trust.disputes.selectors import find_dispute_of_order, lock_dispute, party_of
from trust.disputes.states import TRANSITIONS, DisputeAction


def open_dispute(
    *, order_id: UUID, reason: DisputeReason, wish: DisputeWish, description: str, actor: Actor, now: datetime,
    lines: Sequence[str] | None = None,
) -> Dispute:  # fmt: skip
    """The buyer complains: order, escrow and dispute change in one transaction. Publishes DisputeOpened.

    `lines` (payments' refs): only their money is frozen, the rest is released on its day; None: all that is held.
    Raises OrderNotFound (not the buyer), InvalidInput (no description, no line), UnknownLine (nothing is left of it),
    DisputeNotPossible (not shipped, or over; a dispute is open already).
    """
    order = marketplace.get_order(order_id)
    if not actor.acts_for(order.buyer_id):
        raise OrderNotFound()
    text = _text(description, "description")
    if lines is not None and not lines:
        raise InvalidInput("Choose what it is about.", field="lines")
    try:
        with transaction.atomic():
            marketplace.mark_disputed(order_id=order_id, actor=actor, now=now)
            escrow = payments.freeze_escrow(
                order_id=order_id, reason=reason.value, lines=lines, actor=actor, now=now
            )  # fmt: skip
            dispute = Dispute.objects.create(
                order_id=order_id, order_number=order.number, buyer_id=order.buyer_id, seller_id=order.seller_id,
                state=DisputeState.OPEN, reason=reason, wish=wish, description=text, amount_minor=escrow.frozen_amount.minor,
                currency=escrow.amount.currency, lines=_chosen(lines, escrow), opened_at=now,
            )  # fmt: skip
            _note(dispute, from_state="", action="OPEN", actor=actor, reason=reason.value, now=now)
            publish(DisputeOpened(**_facts(dispute, now), reason=reason.value), actor=actor, now=now)
    except TransitionRefused as error:
        raise DisputeNotPossible() from error
    except IntegrityError as error:
        raise DisputeNotPossible("A dispute about this order is open already.") from error
    return dispute


def _chosen(lines: Sequence[str] | None, escrow: EscrowView) -> list[str]:
    """The lines as kept with the dispute; none when everything that is held is disputed."""
    return [] if lines is None or escrow.frozen_amount == escrow.held else sorted(set(lines))


def post_message(*, dispute_id: UUID, text: str, actor: Actor, now: datetime) -> DisputeMessage:
    """Say something in an open dispute. Raises DisputeNotFound (a stranger), DisputeClosed, InvalidInput."""
    with transaction.atomic():
        dispute = lock_dispute(dispute_id)
        party = party_of(dispute, actor)
        refuse_closed(dispute.state)
        if dispute.messages.filter(party=party).count() >= MAX_MESSAGES_PER_PARTY:
            raise InvalidInput("This thread is full.", field="text")
        message = DisputeMessage.objects.create(
            dispute=dispute, party=party, actor=actor.reference, text=_text(text, "text"), at=now
        )
        publish(DisputeMessagePosted(**_facts(dispute, now), party=party.value), actor=actor, now=now)
    return message


def withdraw_dispute(*, dispute_id: UUID, actor: Actor, now: datetime) -> Dispute:
    """The buyer gives up: the escrow thaws and the order goes on. Publishes DisputeWithdrawn; twice changes nothing.

    Raises DisputeNotFound (not the buyer), DisputeClosed (decided in between).
    """
    with transaction.atomic():
        dispute = _lock_as(dispute_id, DisputeParty.BUYER, actor)
        if dispute.state == DisputeState.WITHDRAWN:
            return dispute
        _close(dispute, DisputeAction.WITHDRAW, actor=actor, reason="", now=now)
        marketplace.resume_after_dispute(order_id=dispute.order_id, actor=actor, now=now)
        payments.unfreeze_escrow(order_id=dispute.order_id, reason="withdrawn", actor=actor, now=now)
        publish(DisputeWithdrawn(**_facts(dispute, now)), actor=actor, now=now)
    return dispute


def accept_refund(*, dispute_id: UUID, actor: Actor, now: datetime) -> Dispute:
    """The seller gives everything back; this is no fault in the seller's figures. Twice changes nothing.

    Raises DisputeNotFound (not the seller), DisputeClosed.
    """
    with transaction.atomic():
        dispute = _lock_as(dispute_id, DisputeParty.SELLER, actor)
        if dispute.state == DisputeState.DECIDED and dispute.refunded == dispute.amount:
            return dispute
        _settle(
            dispute, DisputeAction.ACCEPT, refund=dispute.amount, at_fault=False,
            reason="The seller gave everything back.", actor=actor, now=now,
        )  # fmt: skip
    return dispute


def decide_dispute(
    *, dispute_id: UUID, refund: Money, seller_at_fault: bool, reason: str, actor: Actor, now: datetime
) -> Dispute:
    """The operator's decision: `refund` to the buyer, the rest to the seller; money, order and dispute move together.

    The same decision again changes nothing. Raises NotAllowed (not an operator), InvalidInput (no reason, or an amount
    outside of what is held), DisputeClosed.
    """
    if not (actor.is_operator or actor.is_system):
        raise NotAllowed("Only the operator decides.")
    text = _text(reason, "reason")
    with transaction.atomic():
        dispute = lock_dispute(dispute_id)
        if refund.currency != dispute.currency or refund.is_negative or refund > dispute.amount:
            raise InvalidInput("The refund must lie between nothing and what is held.", field="refund")
        if dispute.state == DisputeState.DECIDED and (dispute.refunded, dispute.reasoning) == (refund, text):
            return dispute
        _settle(
            dispute, DisputeAction.DECIDE, refund=refund, at_fault=seller_at_fault, reason=text, actor=actor, now=now
        )  # fmt: skip
    return dispute


def close_settled_elsewhere(
    *, order_id: UUID, refunded: Money | None, reason: str, actor: Actor, now: datetime
) -> None:
    """The money of a disputed order moved without this dispute: nobody decided in time, or the buyer's bank did.

    The dispute follows, without fault in the seller's figures. `refunded` None: all of it. No open dispute: nothing.
    """
    dispute = find_dispute_of_order(order_id)
    if dispute is not None and dispute.state == DisputeState.OPEN:
        decide_dispute(
            dispute_id=dispute.id, refund=dispute.amount if refunded is None else refunded, seller_at_fault=False,
            reason=reason, actor=actor, now=now,
        )  # fmt: skip


def _settle(
    dispute: Dispute, action: DisputeAction, *, refund: Money, at_fault: bool, reason: str, actor: Actor, now: datetime
) -> None:
    """Close a locked dispute with a movement of money, everywhere at once."""
    dispute.refunded_minor, dispute.seller_at_fault, dispute.reasoning = refund.minor, at_fault, reason
    _close(dispute, action, actor=actor, reason=reason, now=now, columns=("refunded_minor", "seller_at_fault",
           "reasoning"))  # fmt: skip
    marketplace.settle_dispute(order_id=dispute.order_id, refund=refund, reason=reason, actor=actor, now=now)
    payments.attest_record(
        kind="DISPUTE_DECISION", ref=str(dispute.id), content=_record_of(dispute, actor, now), now=now
    )  # fmt: skip
    decided = DisputeDecided(
        **_facts(dispute, now), refunded=refund, released=dispute.amount - refund, seller_at_fault=at_fault
    )
    publish(decided, actor=actor, now=now)
    record(actor=actor, action="dispute.decided", subject_type="dispute", subject_id=dispute.id, now=now,
           refund=str(refund), seller_at_fault=at_fault, reason=reason)  # fmt: skip


def _record_of(dispute: Dispute, actor: Actor, now: datetime) -> bytes:
    """What was decided, for the hash chain: a row that is changed afterwards no longer fits its digest."""
    said = {
        "dispute": str(dispute.id), "order": str(dispute.order_id), "refunded": dispute.refunded_minor,
        "amount": dispute.amount_minor, "currency": dispute.currency, "at_fault": dispute.seller_at_fault,
        "reasoning": dispute.reasoning, "by": actor.reference, "at": now.isoformat(),
    }  # fmt: skip
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


def _close(
    dispute: Dispute, action: DisputeAction, *, actor: Actor, reason: str, now: datetime, columns: tuple[str, ...] = ()
) -> None:
    before = DisputeState(dispute.state)
    try:
        dispute.state = next_state(TRANSITIONS, before, action)
    except TransitionRefused as error:
        raise DisputeClosed() from error
    dispute.closed_at = now
    dispute.save(update_fields=["state", "closed_at", *columns])
    _note(dispute, from_state=before, action=action, actor=actor, reason=reason, now=now)


def _note(dispute: Dispute, *, from_state: str, action: str, actor: Actor, reason: str, now: datetime) -> None:
    DisputeTransition.objects.create(
        dispute=dispute, from_state=from_state, to_state=dispute.state, action=action, actor=actor.reference,
        reason=reason, at=now,
    )  # fmt: skip


def _lock_as(dispute_id: UUID, party: DisputeParty, actor: Actor) -> Dispute:
    dispute = lock_dispute(dispute_id)
    if party_of(dispute, actor) is not party:
        raise DisputeNotFound()
    return dispute


def _facts(dispute: Dispute, now: datetime) -> dict[str, Any]:
    return {
        "dispute_id": dispute.id, "order_id": dispute.order_id, "buyer_id": dispute.buyer_id,
        "seller_id": dispute.seller_id, "at": now,
    }  # fmt: skip


def _text(text: str, field: str) -> str:
    cleaned = text.strip()
    if not cleaned:
        raise InvalidInput("Write something.", field=field, remedy="The other side needs to know what happened.")
    if len(cleaned) > MAX_TEXT:
        raise InvalidInput("The text is too long.", field=field, remedy=f"At most {MAX_TEXT} characters.")
    return cleaned
