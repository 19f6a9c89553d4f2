"""Taking a buyer's money: record the wish, commit, ask the provider, record the answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction

from core.actor import Actor
from core.errors import InvalidInput
from core.events.payments import ChargeCaptured, ChargeFailed
from core.ids import new_id
from core.money import Money
from core.outbox.services import publish
from core.statements import insert, update
from core.states import is_allowed, next_state
from payments.charges import selectors
from payments.charges.models import Charge, ChargeTransition
from payments.charges.states import TRANSITIONS, WAITING, ChargeAction
from payments.contracts import (
    ChargeAlreadyCaptured,
    ChargeAlreadyOpen,
    ChargeNotFound,
    ChargeState,
    ChargeView,
    EscrowRequest,
    MilestoneNotFound,
)
from payments.escrow import funding, milestones
from payments.providers.port import KEPT, Outcome, ProviderResult, ProviderTimeout
from payments.providers.registry import DEFAULT_PROVIDER, ensure_outside_transaction, get_provider, provider_for
from payments.wallet import services as wallet

log = structlog.get_logger(__name__)

#: When to ask again, counted from the last question (Kill Bill's janitor, somewhat quicker at first).
POLL_DELAYS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1), timedelta(days=1))
LOST_AFTER = timedelta(minutes=15)
A, S = ChargeAction, ChargeState
#: What a step of a charge may change.
MOVED = ("state", "provider", "provider_ref", "redirect_url", "failure_code", "submitted_at", "captured_at", "poll_at")

_ACTIONS = {
    Outcome.SUCCEEDED: A.CAPTURE,
    Outcome.DECLINED: A.FAIL,
    Outcome.CANCELLED: A.FAIL,
    Outcome.REQUIRES_ACTION: A.REQUIRE_ACTION,
    Outcome.PENDING: A.PEND,
}


def open_charge(
    *, purchase_id: UUID, buyer_id: UUID, amount: Money, requests: Sequence[EscrowRequest], actor: Actor, now: datetime
) -> ChargeView:
    """A CREATED charge and its empty escrows; no I/O. Locks the purchase's escrows.

    Raises EscrowSumMismatch, ChargeAlreadyOpen, ChargeAlreadyCaptured.
    """
    live = selectors.find_live_charge(purchase_id)
    if live is not None:
        raise ChargeAlreadyCaptured() if live.state == S.CAPTURED else ChargeAlreadyOpen()
    with transaction.atomic(savepoint=False):
        funding.open_escrows(purchase_id=purchase_id, buyer_id=buyer_id, amount=amount, requests=requests, now=now)
        charge = Charge(
            purchase_id=purchase_id, buyer_id=buyer_id, amount_minor=amount.minor, currency=amount.currency,
            provider=DEFAULT_PROVIDER, created_at=now, id=new_id(),
        )  # fmt: skip
        if not insert(charge, unless_there=True):
            raise ChargeAlreadyOpen()
    return selectors.view_of(charge)


def charge_milestone(*, milestone_id: UUID, actor: Actor, now: datetime) -> ChargeView:
    """A CREATED charge for one step of a payment schedule. Raises MilestoneNotFound (not the buyer),
    EscrowTransitionRefused (an earlier step is not paid), ChargeAlreadyOpen, ChargeAlreadyCaptured.
    """
    row, request = milestones.charge_request(milestone_id)
    if not (actor.is_system or actor.acts_for(row.buyer_id)):
        raise MilestoneNotFound()
    return open_charge(
        purchase_id=row.id, buyer_id=row.buyer_id, amount=row.amount, requests=[request], actor=actor, now=now
    )


def submit_charge(
    *, charge_id: UUID, method_token: str | None, return_url: str, actor: Actor, now: datetime,
    saved_method_id: UUID | None = None,
) -> ChargeView:  # fmt: skip
    """Ask the provider, outside any transaction; a repeated call asks with the same key and has one effect.

    A time-out leaves the charge UNKNOWN; the janitor and the webhook settle it. Raises ChargeNotFound to strangers,
    SavedMethodNotFound (not the buyer's), InvalidInput on a token that only the wallet may use.
    """
    ensure_outside_transaction()
    provider_code, method_token = _method(charge_id, method_token, saved_method_id, actor=actor, now=now)
    with transaction.atomic():
        charge = selectors.lock_charge(charge_id)
        if not (actor.is_system or actor.is_operator or actor.acts_for(charge.buyer_id)):
            raise ChargeNotFound()
        if charge.state == S.CREATED:
            charge.provider = provider_code
            charge.submitted_at = now
            charge.poll_at = now + POLL_DELAYS[0]
            _move(charge, A.SUBMIT, actor=actor, now=now)
        elif charge.state not in (S.SUBMITTED, S.UNKNOWN):
            return selectors.view_of(charge)
    provider = get_provider(charge.provider)
    try:
        result = provider.authorize(
            idempotency_key=str(charge.id), amount=charge.amount, method_token=method_token, return_url=return_url,
            now=now,
        )  # fmt: skip
    except ProviderTimeout:
        return _lose_track(charge_id, actor=actor, now=now)
    return apply_result(charge_id=charge_id, result=result, actor=Actor.provider(charge.provider), now=now)


def _method(
    charge_id: UUID, token: str | None, saved_method_id: UUID | None, *, actor: Actor, now: datetime
) -> tuple[str, str | None]:
    """(provider, token) to pay with; a kept token is found only through its owner's wallet."""
    if saved_method_id is None:
        if token is not None and token.startswith(KEPT):
            raise InvalidInput("The payment method is not known.", field="method_token")
        return provider_for(token), token
    buyer_id = selectors.get_charge_view(charge_id).buyer_id
    return wallet.use_method(method_id=saved_method_id, buyer_id=buyer_id, actor=actor, now=now)


def refresh_charge(*, charge_id: UUID, now: datetime) -> ChargeView:
    """Ask how a waiting charge stands and record the answer. Settled charges are returned as they are."""
    ensure_outside_transaction()
    charge = Charge.objects.filter(id=charge_id).first()
    if charge is None:
        raise ChargeNotFound()
    if S(charge.state) not in WAITING:
        return selectors.view_of(charge)
    try:
        result = get_provider(charge.provider).find_charge(idempotency_key=str(charge.id), now=now)
    except ProviderTimeout:
        return selectors.view_of(charge)
    if result is None:
        return _give_up_lost(charge, now=now)
    return apply_result(charge_id=charge_id, result=result, actor=Actor.provider(charge.provider), now=now)


def cancel_charge(*, charge_id: UUID, actor: Actor, now: datetime) -> ChargeView:
    """Give up an unpaid purchase with its escrows. Repeating changes nothing. Raises ChargeAlreadyCaptured."""
    with transaction.atomic():
        charge = selectors.lock_charge(charge_id)
        if not (actor.is_system or actor.is_operator or actor.acts_for(charge.buyer_id)):
            raise ChargeNotFound()
        if charge.state == S.CAPTURED:
            raise ChargeAlreadyCaptured()
        if is_allowed(TRANSITIONS, S(charge.state), A.CANCEL):
            _move(charge, A.CANCEL, actor=actor, now=now)
        funding.cancel_escrows(purchase_id=charge.purchase_id, reason="Payment given up", actor=actor, now=now)
    return selectors.view_of(charge)


def apply_result(*, charge_id: UUID, result: ProviderResult, actor: Actor, now: datetime) -> ChargeView:
    """Record what the provider says, from an answer, a webhook or a poll: whichever comes first counts.

    The charge only moves forward; old, repeated or reordered news change nothing. Capture funds every escrow in the
    same transaction; money for a charge that was given up goes straight back. Locks charge, then escrows.
    """
    with transaction.atomic():
        charge = selectors.lock_charge(charge_id)
        charge.provider_ref = result.provider_ref or charge.provider_ref
        if result.outcome is Outcome.SUCCEEDED:
            _capture(charge, actor=actor, now=now)
            if result.method is not None:
                wallet.keep_method(
                    buyer_id=charge.buyer_id, provider=charge.provider, charge_id=charge.id, method=result.method,
                    actor=actor, now=now,
                )  # fmt: skip
        else:
            _note(charge, result, actor=actor, now=now)
    return selectors.view_of(charge)


def _note(charge: Charge, result: ProviderResult, *, actor: Actor, now: datetime) -> None:
    action = _ACTIONS[result.outcome]
    if result.url and result.outcome is Outcome.REQUIRES_ACTION and charge.state == S.REQUIRES_ACTION:
        Charge.objects.filter(id=charge.id).update(redirect_url=result.url)  # from the card form to the challenge
        charge.redirect_url = result.url
    if not is_allowed(TRANSITIONS, S(charge.state), action):
        return
    charge.redirect_url = result.url
    charge.failure_code = result.code if action is A.FAIL else ""
    _move(charge, action, actor=actor, now=now, reason=result.code)
    if action is A.FAIL:
        publish(
            ChargeFailed(
                charge_id=charge.id, purchase_id=charge.purchase_id, reason_code=result.code, failed_at=now
            ),
            actor=actor, now=now,
        )  # fmt: skip


def _capture(charge: Charge, *, actor: Actor, now: datetime) -> None:
    if charge.state in (S.CAPTURED, S.RETURNED):
        return
    late = charge.state in (S.FAILED, S.CANCELLED)
    held = funding.fund_escrows(
        charge_id=charge.id, purchase_id=charge.purchase_id, amount=charge.amount, late=late, actor=actor, now=now
    )
    charge.captured_at, charge.failure_code = now, ""
    if not held:
        _move(charge, A.CAPTURE_LATE, actor=actor, now=now, reason="Nothing waits for this money any more")
        return
    _move(charge, A.CAPTURE, actor=actor, now=now)
    publish(
        ChargeCaptured(charge_id=charge.id, purchase_id=charge.purchase_id, amount=charge.amount, captured_at=now),
        actor=actor, now=now,
    )  # fmt: skip


def _lose_track(charge_id: UUID, *, actor: Actor, now: datetime) -> ChargeView:
    with transaction.atomic():
        charge = selectors.lock_charge(charge_id)
        if charge.state == S.SUBMITTED:  # a webhook may have been quicker than the time-out
            _move(charge, A.LOSE_TRACK, actor=actor, now=now, reason="The provider did not answer")
    return selectors.view_of(charge)


def _give_up_lost(charge: Charge, *, now: datetime) -> ChargeView:
    """The provider never heard of the charge: after a while nothing can be under way any more."""
    if charge.submitted_at is None or now - charge.submitted_at < LOST_AFTER:
        return selectors.view_of(charge)
    result = ProviderResult(Outcome.DECLINED, "", code="not_received")
    return apply_result(charge_id=charge.id, result=result, actor=Actor.system("charge-janitor"), now=now)


def poll_due_charges(*, now: datetime, limit: int = 50) -> int:
    """The janitor: ask about charges without an answer (1 min, 5 min, 15 min, 1 h, then daily). Returns how many."""
    ids = selectors.list_charges_to_poll(now, limit)
    for charge_id in ids:
        _schedule_next_poll(charge_id, now=now)
        try:
            refresh_charge(charge_id=charge_id, now=now)
        except Exception:
            log.exception("charge_poll_failed", charge=str(charge_id))
    return len(ids)


def _schedule_next_poll(charge_id: UUID, *, now: datetime) -> None:
    with transaction.atomic():
        charge = selectors.lock_charge(charge_id)
        charge.polls = min(charge.polls + 1, 1000)
        delay = POLL_DELAYS[min(charge.polls, len(POLL_DELAYS) - 1)]
        Charge.objects.filter(id=charge_id).update(polls=charge.polls, poll_at=now + delay)


def _move(charge: Charge, action: ChargeAction, *, actor: Actor, now: datetime, reason: str = "") -> None:
    before, charge.state = charge.state, next_state(TRANSITIONS, S(charge.state), action).value
    update(charge, columns=MOVED)
    insert(
        ChargeTransition(
            charge_id=charge.id, from_state=before, action=action.value, to_state=charge.state,
            actor=actor.reference[:120], reason=reason[:500], at=now,
        )
    )  # fmt: skip
