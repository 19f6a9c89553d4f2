"""Carrying out refunds at the provider: record, commit, ask with the row's id as key, record the answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction

from core.actor import Actor
from core.errors import NotAllowed
from core.events.payments import RefundDone, RefundFailed
from core.outbox.services import publish
from core.states import is_allowed, next_state
from payments.charges.models import Charge
from payments.contracts import RefundNotFound, RefundState
from payments.escrow.models import Refund
from payments.ledger import services as ledger
from payments.ledger.rules import AccountCode, Leg
from payments.providers.port import Outcome, ProviderResult, ProviderTimeout
from payments.providers.registry import ensure_outside_transaction, get_provider
from payments.refunds.models import RefundTransition
from payments.refunds.states import TRANSITIONS, RefundAction

log = structlog.get_logger(__name__)

FIRST_RETRY = timedelta(minutes=1)
LEASE = timedelta(minutes=5)
MAX_DOUBLINGS = 10
#: Refusals after which a refund is given up; time-outs are asked again for ever.
MAX_REFUSALS = 6
A, S = RefundAction, RefundState
CLOCK = Actor.system("refunds")


def submit_due_refunds(*, now: datetime, limit: int = 50) -> int:
    """Send due refunds to the provider with the row's id as key; returns how many were tried.

    A row is leased before the call, so a killed worker's row comes back; the key makes a second call harmless.
    """
    ensure_outside_transaction()
    with transaction.atomic():
        due = Refund.objects.select_for_update(skip_locked=True).filter(
            next_attempt_at__lte=now, state__in=[S.REQUESTED.value, S.SUBMITTED.value]
        )
        rows = list(due.order_by("next_attempt_at")[:limit])
        for refund in rows:
            refund.next_attempt_at = now + LEASE
            _move(refund, A.SUBMIT, actor=CLOCK, now=now)
    for refund in rows:
        record_refund_result(refund_id=refund.id, result=_ask(refund, now=now), now=now)
    return len(rows)


def _ask(refund: Refund, *, now: datetime) -> ProviderResult:
    charge = Charge.objects.get(id=refund.charge_id)
    try:
        return get_provider(charge.provider).refund(
            idempotency_key=str(refund.id), charge_key=str(charge.id), amount=refund.amount, now=now
        )
    except ProviderTimeout as error:
        return ProviderResult(Outcome.PENDING, "", code=str(error))


def record_refund_result(*, refund_id: UUID, result: ProviderResult, now: datetime) -> None:
    """DONE is final; refusals are tried again with growing delay and given up after some. Unknown ones are ignored.

    Publishes RefundDone, RefundFailed. A late refusal never undoes what is done or credited.
    """
    with transaction.atomic():
        refund = Refund.objects.select_for_update().filter(id=refund_id).first()
        if refund is None or not is_allowed(TRANSITIONS, S(refund.state), A.FINISH):
            return
        refund.provider_ref = result.provider_ref or refund.provider_ref
        if result.outcome is Outcome.SUCCEEDED:
            refund.done_at, refund.last_error = now, ""
            _move(refund, A.FINISH, actor=CLOCK, now=now)
            publish(RefundDone(**_facts(refund, now)), actor=CLOCK, now=now)
        elif refund.state != S.FAILED:
            _try_later(refund, result, now=now)


def _try_later(refund: Refund, result: ProviderResult, *, now: datetime) -> None:
    refund.last_error = result.code[:500]
    refund.next_attempt_at = now + FIRST_RETRY * 2 ** min(refund.attempts, MAX_DOUBLINGS)
    refused = result.outcome in (Outcome.DECLINED, Outcome.CANCELLED)
    refund.attempts += int(refused)
    log.warning("refund_not_done", refund=str(refund.id), code=result.code)
    if refused and refund.attempts >= MAX_REFUSALS:
        _move(refund, A.GIVE_UP, actor=CLOCK, now=now, reason=result.code)
        publish(RefundFailed(**_facts(refund, now), reason_code=result.code), actor=CLOCK, now=now)
    else:
        refund.save()


def retry_refund(*, refund_id: UUID, actor: Actor, now: datetime) -> None:
    """The operator has it tried again. Raises NotAllowed, RefundNotFound, TransitionRefused (not failed)."""
    with transaction.atomic():
        refund = _lock_for_operator(refund_id, actor)
        refund.attempts, refund.next_attempt_at = 0, now
        _move(refund, A.RETRY, actor=actor, now=now)


def credit_buyer(*, refund_id: UUID, reason: str, actor: Actor, now: datetime) -> None:
    """The provider cannot send it back: the buyer gets credit with the platform instead.

    Raises NotAllowed, RefundNotFound, TransitionRefused (only a failed refund).
    """
    with transaction.atomic():
        refund = _lock_for_operator(refund_id, actor)
        refund.done_at = now
        _move(refund, A.CREDIT, actor=actor, now=now, reason=reason)
        buyer = Charge.objects.get(id=refund.charge_id).buyer_id
        ledger.post(
            scope="refund_credit", key=str(refund.id), kind="REFUND_CREDIT", ref=str(refund.id), now=now,
            legs=[
                Leg(AccountCode.PSP_CLEARING, "", refund.amount),
                Leg(AccountCode.BUYER_CREDIT, str(buyer), -refund.amount),
            ],
        )  # fmt: skip
        publish(RefundDone(**_facts(refund, now)), actor=actor, now=now)


def _lock_for_operator(refund_id: UUID, actor: Actor) -> Refund:
    if not (actor.is_operator or actor.is_system):
        raise NotAllowed()
    refund = Refund.objects.select_for_update().filter(id=refund_id).first()
    if refund is None:
        raise RefundNotFound()
    return refund


def _move(refund: Refund, action: RefundAction, *, actor: Actor, now: datetime, reason: str = "") -> None:
    before, refund.state = refund.state, next_state(TRANSITIONS, S(refund.state), action).value
    refund.save()
    RefundTransition.objects.create(
        refund=refund, from_state=before, action=action.value, to_state=refund.state, actor=actor.reference[:120],
        reason=reason[:500], at=now,
    )  # fmt: skip


def _facts(refund: Refund, now: datetime) -> dict[str, Any]:
    return {
        "refund_id": refund.id, "charge_id": refund.charge_id, "order_id": refund.order_id, "amount": refund.amount,
        "at": now,
    }  # fmt: skip
