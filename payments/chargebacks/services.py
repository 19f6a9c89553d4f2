"""Chargebacks: a buyer's bank takes money back, we answer, the bank decides.

Money leaves when it is opened: the network's claim is booked at once, and money that stands for it is set aside, first
what the escrow still holds, then what the seller has. Won: all of it goes back. Lost: it goes, commission is given back
as with a refund, and what nobody stood for is paid by the waterfall (policy: or by the platform).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from core.actor import Actor
from core.errors import InvalidInput
from core.events.payments import ChargebackLost, ChargebackOpened, ChargebackWon
from core.ids import new_id
from core.money import Money
from core.outbox.services import publish
from core.states import is_allowed, next_state
from payments.chargebacks import booking, selectors
from payments.chargebacks.models import Chargeback, ChargebackStatement, ChargebackTransition
from payments.chargebacks.rules import MAX_STATEMENT, submit_at
from payments.chargebacks.states import ANSWERABLE, TAKEN, TRANSITIONS, ChargebackAction
from payments.charges.models import Charge
from payments.contracts import ChargebackClosed, ChargebackNotFound, ChargebackState, ChargebackView, ChargeState
from payments.providers.port import DisputeStatus, ProviderDispute, TooEarly

A, S = ChargebackAction, ChargebackState
_ACTIONS: dict[DisputeStatus, ChargebackAction] = {
    DisputeStatus.WARNING_UNDER_REVIEW: A.SUBMIT,
    DisputeStatus.WARNING_CLOSED: A.CLOSE,
    DisputeStatus.NEEDS_RESPONSE: A.ESCALATE,
    DisputeStatus.UNDER_REVIEW: A.SUBMIT,
    DisputeStatus.WON: A.WIN,
    DisputeStatus.LOST: A.LOSE,
}


def record_dispute(*, provider: str, charge_id: UUID, dispute: ProviderDispute, now: datetime) -> None:
    """Take in what a provider says about a chargeback, whichever news come first; repeated and old ones do nothing.

    Locks the chargeback, then the purchase's escrows, then the sellers' balances. Publishes ChargebackOpened, then
    ChargebackWon or ChargebackLost. Raises TooEarly when the charge is not captured in our books yet.
    """
    with transaction.atomic():
        row = _find_or_open(provider, charge_id, dispute, now=now)
        if row is None:
            return
        actor = Actor.provider(provider)
        if dispute.fee.minor > row.fee_minor and row.taken_at is None:
            row.fee_minor = dispute.fee.minor  # an inquiry is free, a chargeback is not
        _follow(row, dispute.status, actor=actor, now=now)


def _find_or_open(provider: str, charge_id: UUID, dispute: ProviderDispute, *, now: datetime) -> Chargeback | None:
    known = Chargeback.objects.filter(provider=provider, provider_ref=dispute.ref).values_list("id", flat=True).first()
    if known is not None:
        return selectors.lock_chargeback(known)
    charge = Charge.objects.filter(id=charge_id, provider=provider).first()
    if charge is None:
        return None  # not one of ours: kept in the inbox, no effect
    if charge.state not in (ChargeState.CAPTURED, ChargeState.RETURNED):
        raise TooEarly()
    first = S.WARNING_NEEDS_RESPONSE if dispute.status.value.startswith("WARNING") else S.NEEDS_RESPONSE
    try:
        with transaction.atomic():
            row = Chargeback.objects.create(
                id=new_id(), charge=charge, provider=provider, provider_ref=dispute.ref,
                amount_minor=dispute.amount.minor, currency=dispute.amount.currency, fee_minor=dispute.fee.minor,
                reason=dispute.reason[:60], state=first.value, due_by=dispute.due_by, opened_at=dispute.opened_at,
                submit_at=submit_at(dispute.due_by, now),
            )  # fmt: skip
    except IntegrityError:
        raise TooEarly() from None  # the same news are being taken in beside us
    actor = Actor.provider(provider)
    _note(row, "", actor=actor, now=now, reason=dispute.reason)
    booking.share_out_orders(row, now=now)
    if first is S.NEEDS_RESPONSE:
        booking.take(row, actor=actor, now=now)
    publish(ChargebackOpened(**_facts(row, now), reason=row.reason, due_by=row.due_by), actor=actor, now=now)
    return row


def _follow(row: Chargeback, status: DisputeStatus, *, actor: Actor, now: datetime) -> None:
    """One step forward, if the news are one. A verdict on an inquiry that became a chargeback takes both steps."""
    action = _ACTIONS.get(status)
    if action in (A.WIN, A.LOSE) and is_allowed(TRANSITIONS, S(row.state), A.ESCALATE):
        _move(row, A.ESCALATE, actor=actor, now=now)
        booking.take(row, actor=actor, now=now)
    if action is A.SUBMIT and status is DisputeStatus.UNDER_REVIEW and S(row.state) not in TAKEN:
        return
    if action is None or not is_allowed(TRANSITIONS, S(row.state), action):
        row.save()
        return
    _move(row, action, actor=actor, now=now)
    if action is A.ESCALATE:
        booking.take(row, actor=actor, now=now)
    elif action is A.WIN:
        booking.give_back(row, actor=actor, now=now)
        publish(ChargebackWon(**_facts(row, now)), actor=actor, now=now)
    elif action is A.LOSE:
        booking.let_go(row, actor=actor, now=now)
        publish(ChargebackLost(**_facts(row, now)), actor=actor, now=now)


def add_statement(*, chargeback_id: UUID, text: str, actor: Actor, now: datetime) -> ChargebackView:
    """What the seller wants the bank to read. Raises ChargebackNotFound (a stranger), ChargebackClosed, InvalidInput."""
    words = text.strip()
    if not words or len(words) > MAX_STATEMENT:
        raise InvalidInput("Write something.", field="text", remedy=f"At most {MAX_STATEMENT} characters.")
    seller_id = actor.organisation_id
    with transaction.atomic():
        row = selectors.lock_chargeback(chargeback_id)
        if seller_id is None or not row.shares.filter(seller_id=seller_id).exists():
            raise ChargebackNotFound()
        if row.state not in ANSWERABLE:
            raise ChargebackClosed()
        ChargebackStatement.objects.create(
            chargeback=row, seller_id=seller_id, text=words, actor=actor.reference[:120], at=now
        )
    return selectors.get_chargeback_view_for(chargeback_id, actor)


def mark_answered(*, chargeback_id: UUID, actor: Actor, now: datetime) -> None:
    """The provider has the evidence. Late: nothing changes."""
    with transaction.atomic():
        row = selectors.lock_chargeback(chargeback_id)
        if is_allowed(TRANSITIONS, S(row.state), A.SUBMIT):
            _move(row, A.SUBMIT, actor=actor, now=now, reason="Evidence submitted")


def _move(row: Chargeback, action: ChargebackAction, *, actor: Actor, now: datetime, reason: str = "") -> None:
    before, row.state = row.state, next_state(TRANSITIONS, S(row.state), action).value
    if row.state in (S.WON, S.LOST, S.WARNING_CLOSED):
        row.closed_at = now
    row.save()
    _note(row, before, actor=actor, now=now, reason=reason)


def _note(row: Chargeback, before: str, *, actor: Actor, now: datetime, reason: str = "") -> None:
    ChargebackTransition.objects.create(
        chargeback=row, from_state=before, to_state=row.state, actor=actor.reference[:120], reason=reason[:500], at=now
    )


def _facts(row: Chargeback, now: datetime) -> dict[str, Any]:
    shares: Mapping[UUID, UUID] = dict(row.shares.values_list("order_id", "seller_id"))
    return {
        "chargeback_id": row.id, "charge_id": row.charge_id, "order_ids": tuple(shares),
        "seller_ids": tuple(sorted(set(shares.values()))), "amount": Money(row.amount_minor, row.currency), "at": now,
    }  # fmt: skip
