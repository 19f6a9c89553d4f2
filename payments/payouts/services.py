"""Paying sellers: payable → in transit → bank, or back."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction

from core.actor import Actor, Role
from core.audit import services as audit
from core.errors import InvalidInput, NotAllowed, NotFound
from core.events.payments import PayoutFailed, PayoutPaid, PayoutRequested
from core.ids import new_id
from core.outbox.services import publish
from core.states import is_allowed, next_state
from payments.contracts import PayoutDestinationView, PayoutState, PayoutView
from payments.ledger import services as ledger
from payments.ledger.rules import AccountCode, Leg
from payments.ledger.selectors import owed_to
from payments.payouts import selectors
from payments.payouts.models import Payout, PayoutDestination, PayoutTransition
from payments.payouts.rules import mask_iban, normalise_iban
from payments.payouts.states import TRANSITIONS, PayoutAction
from payments.providers.port import Outcome, ProviderResult, ProviderTimeout
from payments.providers.registry import DEFAULT_PROVIDER, ensure_outside_transaction, get_provider
from payments.reserves import services as reserves

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=5)
FIRST_RETRY = timedelta(minutes=1)
MAX_DOUBLINGS = 10
CLOCK = Actor.system("payouts")


def set_payout_destination(
    *, seller_id: UUID, holder: str, iban: str, actor: Actor, now: datetime
) -> PayoutDestinationView:
    """Set or change where a seller is paid. Audited, masked. Payouts already under way keep the old account.

    Raises NotFound (not the seller), NotAllowed (staff may not), InvalidInput (no holder), InvalidIban.
    """
    if not (actor.is_system or actor.acts_for(seller_id)):
        raise NotFound()
    if not actor.is_system and actor.role is Role.STAFF:
        raise NotAllowed("Only owners and managers change the bank account.")
    name = holder.strip()
    if not name or len(name) > 120:
        raise InvalidInput("Name the holder of the account.", field="holder", remedy="At most 120 characters.")
    number = normalise_iban(iban)
    with transaction.atomic():
        PayoutDestination.objects.update_or_create(
            seller_id=seller_id, defaults={"holder": name, "iban": number, "changed_at": now}
        )
        audit.record(
            actor=actor, action="payout_destination.set", subject_type="seller", subject_id=seller_id, now=now,
            iban=mask_iban(number),
        )  # fmt: skip
    return PayoutDestinationView(seller_id, name, mask_iban(number), number[:2], now)


def request_payout(*, seller_id: UUID, currency: str, actor: Actor, now: datetime) -> PayoutView | None:
    """Send everything available to the seller's bank; None when there is no account or too little money.

    Locks the seller's destination. Posts payable → in transit; publishes PayoutRequested.
    """
    with transaction.atomic():
        destination = selectors.lock_destination(seller_id)
        available = owed_to(AccountCode.SELLER_PAYABLE, str(seller_id), currency)
        policy = selectors.get_policy(currency)
        if destination is None or available.minor <= 0 or available.minor < policy.minimum_minor:
            return None
        if actor.is_system and selectors.is_refused_account(destination):
            return None
        payout = Payout.objects.create(
            id=new_id(), seller_id=seller_id, amount_minor=available.minor, currency=currency, requested_at=now,
            holder=destination.holder, iban=destination.iban, provider=DEFAULT_PROVIDER, next_attempt_at=now,
        )  # fmt: skip
        _post(payout, "PAYOUT", AccountCode.SELLER_PAYABLE, AccountCode.PAYOUT_IN_TRANSIT, now=now)
        _record(payout, "", actor=actor, now=now)
        publish(
            PayoutRequested(payout_id=payout.id, seller_id=seller_id, amount=available, at=now), actor=actor, now=now
        )
    return selectors.view_of(payout)


def request_payout_on_release(*, seller_id: UUID, currency: str, now: datetime) -> None:
    """Money became available: request a payout when the policy is immediate."""
    if selectors.get_policy(currency).schedule == "IMMEDIATE":
        request_payout(seller_id=seller_id, currency=currency, actor=CLOCK, now=now)


def request_due_payouts(*, now: datetime, limit: int = 200) -> int:
    """For money that waits: no bank account before, or put back. Returns how many were requested.

    An account the bank refused is not tried again by itself until the seller has changed it.
    """
    requested = [
        request_payout(seller_id=seller_id, currency=currency, actor=CLOCK, now=now)
        for seller_id, currency in selectors.list_sellers_to_pay(limit)
    ]
    return sum(payout is not None for payout in requested)


def submit_due_payouts(*, now: datetime, limit: int = 50) -> int:
    """Send requested payouts to the provider and ask about sent ones, with the row's id as key; repeatable.

    A row is leased before the call, so that a killed worker's row comes back. Returns how many were tried.
    """
    ensure_outside_transaction()
    with transaction.atomic():
        rows = selectors.lock_due_payouts(now, limit)
        for payout in rows:
            payout.attempts += 1
            payout.next_attempt_at = now + LEASE
            if payout.state == PayoutState.REQUESTED:
                _move(payout, PayoutAction.SUBMIT, actor=CLOCK, now=now)
            else:
                payout.save()
    for payout in rows:
        record_payout_result(payout_id=payout.id, result=_ask(payout, now=now), now=now)
    return len(rows)


def _ask(payout: Payout, *, now: datetime) -> ProviderResult:
    try:
        return get_provider(payout.provider).payout(
            idempotency_key=str(payout.id), amount=payout.amount, holder=payout.holder, iban=payout.iban, now=now
        )
    except ProviderTimeout as error:
        return ProviderResult(Outcome.PENDING, "", code=str(error))


def record_payout_result(*, payout_id: UUID, result: ProviderResult, now: datetime) -> None:
    """PAID: the money left. Refused: payable again. Settled payouts do not change; unknown ones are ignored."""
    with transaction.atomic():
        payout = Payout.objects.select_for_update().filter(id=payout_id).first()
        if payout is None:
            return
        payout.provider_ref = result.provider_ref or payout.provider_ref
        actor = Actor.provider(payout.provider)
        if result.outcome is Outcome.SUCCEEDED:
            _pay(payout, actor=actor, now=now)
        elif result.outcome in (Outcome.DECLINED, Outcome.CANCELLED):
            _fail(payout, result.code, actor=actor, now=now)
        elif payout.state == PayoutState.SUBMITTED:
            payout.next_attempt_at = now + FIRST_RETRY * 2 ** min(payout.attempts, MAX_DOUBLINGS)
            payout.save()


def _pay(payout: Payout, *, actor: Actor, now: datetime) -> None:
    if not is_allowed(TRANSITIONS, PayoutState(payout.state), PayoutAction.PAY):
        return
    payout.paid_at = now
    _post(payout, "PAYOUT_PAID", AccountCode.PAYOUT_IN_TRANSIT, AccountCode.PSP_CLEARING, now=now)
    _move(payout, PayoutAction.PAY, actor=actor, now=now)
    publish(
        PayoutPaid(payout_id=payout.id, seller_id=payout.seller_id, amount=payout.amount, at=now), actor=actor, now=now
    )


def _fail(payout: Payout, code: str, *, actor: Actor, now: datetime) -> None:
    if not is_allowed(TRANSITIONS, PayoutState(payout.state), PayoutAction.FAIL):
        return
    payout.failure_code = code[:60]
    credit = reserves.prepare_credit(seller_id=payout.seller_id, amount=payout.amount, now=now, reserved=False)
    ledger.post(
        scope="payout", key=f"{payout.id}:PAYOUT_RETURNED", kind="PAYOUT_RETURNED", ref=str(payout.id), now=now,
        legs=[Leg(AccountCode.PAYOUT_IN_TRANSIT, str(payout.seller_id), payout.amount), *credit.legs],
    )  # fmt: skip
    _move(payout, PayoutAction.FAIL, actor=actor, now=now, reason=code)
    publish(
        PayoutFailed(
            payout_id=payout.id, seller_id=payout.seller_id, amount=payout.amount, at=now, reason_code=code
        ),
        actor=actor, now=now,
    )  # fmt: skip


def _post(payout: Payout, kind: str, source: AccountCode, target: AccountCode, *, now: datetime) -> None:
    """Move the payout's amount from one account to another, once per payout and kind."""
    seller = str(payout.seller_id)
    ledger.post(
        scope="payout", key=f"{payout.id}:{kind}", kind=kind, ref=str(payout.id), now=now,
        legs=[
            Leg(source, seller, payout.amount),
            Leg(target, "" if target is AccountCode.PSP_CLEARING else seller, -payout.amount),
        ],
    )  # fmt: skip


def _move(payout: Payout, action: PayoutAction, *, actor: Actor, now: datetime, reason: str = "") -> None:
    before, payout.state = payout.state, next_state(TRANSITIONS, PayoutState(payout.state), action).value
    payout.save()
    _record(payout, before, actor=actor, now=now, reason=reason)


def _record(payout: Payout, before: str, *, actor: Actor, now: datetime, reason: str = "") -> None:
    PayoutTransition.objects.create(
        payout_id=payout.id, from_state=before, to_state=payout.state, actor=actor.reference[:120],
        reason=reason[:500], at=now,
    )  # fmt: skip
