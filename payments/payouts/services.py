"""Paying sellers: payable → in transit → bank, or back."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction

from core.actor import Actor, Role
from core.audit import services as audit
from core.errors import DomainError, InvalidInput, NotAllowed, NotFound
from core.events.payments import (
    PayoutFailed,
    PayoutHoldLifted,
    PayoutHoldPlaced,
    PayoutPaid,
    PayoutRequested,
    PayoutReturned,
)
from core.ids import new_id
from core.money import CURRENCIES, Money
from core.outbox.services import publish
from core.states import is_allowed, next_state
from payments.contracts import (
    HoldReason,
    NotEnoughMoney,
    PayoutDestinationView,
    PayoutFrequency,
    PayoutHeld,
    PayoutState,
    PayoutView,
)
from payments.exchange import services as exchange
from payments.ledger import services as ledger
from payments.ledger.rules import AccountCode, Leg
from payments.payouts import selectors
from payments.payouts.models import (
    Payout,
    PayoutDestination,
    PayoutHold,
    PayoutPolicy,
    PayoutSchedule,
    PayoutTransition,
)
from payments.payouts.rules import instant_fee, mask_iban, normalise_iban
from payments.payouts.states import TRANSITIONS, PayoutAction
from payments.providers import bank
from payments.providers.pain import FILE_CURRENCIES
from payments.providers.port import Outcome, ProviderResult, ProviderTimeout
from payments.providers.registry import default_provider, ensure_outside_transaction, get_provider
from payments.reserves import services as reserves
from payments.reserves.selectors import lock_position

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=5)
FIRST_RETRY = timedelta(minutes=1)
MAX_DOUBLINGS = 10
CLOCK = Actor.system("payouts")


def set_payout_destination(
    *, seller_id: UUID, holder: str, iban: str, actor: Actor, now: datetime, address: dict[str, str] | None = None
) -> PayoutDestinationView:
    """Set or change where a seller is paid. Audited, masked. Payouts already under way keep the old account.

    A change of the account (not the first one) starts the cool-off of the policy. `address`: street_name,
    building_number, postcode, town, country; None keeps the one there is.
    Raises NotFound (not the seller), NotAllowed (staff may not), InvalidInput (no holder), InvalidIban.
    """
    check_manager(seller_id=seller_id, actor=actor)
    name = holder.strip()
    if not name or len(name) > 120:
        raise InvalidInput("Name the holder of the account.", field="holder", remedy="At most 120 characters.")
    number = normalise_iban(iban)
    with transaction.atomic():
        known = selectors.lock_destination(seller_id)
        row = known or PayoutDestination(seller_id=seller_id)
        if known is not None and known.iban != number:
            row.iban_changed_at = now
        row.holder, row.iban, row.changed_at = name, number, now
        row.address = row.address if address is None else _clean_address(address)
        row.save()
        audit.record(
            actor=actor, action="payout_destination.set", subject_type="seller", subject_id=seller_id, now=now,
            iban=mask_iban(number),
        )  # fmt: skip
    return PayoutDestinationView(seller_id, name, mask_iban(number), number[:2], now)


def check_manager(*, seller_id: UUID, actor: Actor) -> None:
    """Owners and managers of the seller, and the system. Raises NotFound, NotAllowed."""
    if not (actor.is_system or actor.acts_for(seller_id)):
        raise NotFound()
    if not actor.is_system and actor.role is Role.STAFF:
        raise NotAllowed("Only owners and managers change the bank account.")


def _clean_address(address: dict[str, str]) -> dict[str, str]:
    limits = {"street_name": 70, "building_number": 16, "postcode": 16, "town": 35, "country": 2}
    return {name: address[name].strip()[:limit] for name, limit in limits.items() if address.get(name, "").strip()}


def set_payout_schedule(
    *, seller_id: UUID, frequency: PayoutFrequency, weekday: int, month_day: int, currency: str, actor: Actor,
    now: datetime,
) -> PayoutSchedule:  # fmt: skip
    """When money is sent by itself, and in which currency ("": as it is). Audited.

    Raises NotFound (not the seller), NotAllowed (staff), InvalidInput.
    """
    check_manager(seller_id=seller_id, actor=actor)
    if not 0 <= weekday <= 6:
        raise InvalidInput("Choose a day of the week.", field="weekday")
    if not 1 <= month_day <= 28:
        raise InvalidInput("Choose a day of the month.", field="month_day", remedy="From 1 to 28.")
    if currency and currency not in CURRENCIES:
        raise InvalidInput("Choose another currency.", field="currency")
    with transaction.atomic():
        schedule, _ = PayoutSchedule.objects.update_or_create(
            seller_id=seller_id,
            defaults={
                "frequency": frequency.value, "weekday": weekday, "month_day": month_day, "currency": currency,
                "changed_at": now,
            },
        )  # fmt: skip
        audit.record(
            actor=actor, action="payout_schedule.set", subject_type="seller", subject_id=seller_id, now=now,
            frequency=frequency.value,
        )  # fmt: skip
    return schedule


def place_payout_hold(*, seller_id: UUID, reason: HoldReason, note: str, actor: Actor, now: datetime) -> None:
    """Stop payouts to a seller; repeating the same reason changes nothing. Audited; publishes PayoutHoldPlaced.

    `note` is shown to the seller. Raises NotFound (not an operator or the system), InvalidInput (no note).
    """
    _check_operator(actor)
    text = note.strip()[:300]
    if not text:
        raise InvalidInput("Say why, in words the seller will read.", field="note")
    with transaction.atomic():
        _, created = PayoutHold.objects.get_or_create(
            seller_id=seller_id, reason=reason.value, lifted_at=None,
            defaults={"note": text, "placed_by": actor.reference[:120], "placed_at": now},
        )  # fmt: skip
        if not created:
            return
        audit.record(
            actor=actor, action="payout_hold.placed", subject_type="seller", subject_id=seller_id, now=now,
            reason=reason.value,
        )  # fmt: skip
        publish(
            PayoutHoldPlaced(seller_id=seller_id, reason_code=reason.value, note=text, at=now), actor=actor, now=now
        )


def lift_payout_hold(*, seller_id: UUID, reason: HoldReason, actor: Actor, now: datetime) -> None:
    """End a hold; repeating changes nothing. Audited; publishes PayoutHoldLifted. Raises NotFound."""
    _check_operator(actor)
    with transaction.atomic():
        hold = PayoutHold.objects.select_for_update().filter(
            seller_id=seller_id, reason=reason.value, lifted_at=None
        ).first()  # fmt: skip
        if hold is None:
            return
        hold.lifted_at, hold.lifted_by = now, actor.reference[:120]
        hold.save(update_fields=["lifted_at", "lifted_by"])
        audit.record(
            actor=actor, action="payout_hold.lifted", subject_type="seller", subject_id=seller_id, now=now,
            reason=reason.value,
        )  # fmt: skip
        publish(
            PayoutHoldLifted(seller_id=seller_id, reason_code=reason.value, note=hold.note, at=now),
            actor=actor, now=now,
        )  # fmt: skip


def _check_operator(actor: Actor) -> None:
    if not (actor.is_operator or actor.is_system):
        raise NotFound()


def request_payout(
    *, seller_id: UUID, currency: str, actor: Actor, now: datetime, instant: bool = False,
    quote_id: UUID | None = None,
) -> PayoutView | None:  # fmt: skip
    """Send everything available to the seller's bank, once, whatever the schedule says.

    For the system: None when there is nothing to do or something speaks against it. A seller is told why: raises
    NotFound (not the seller), PayoutHeld, NotEnoughMoney, InvalidInput (no bank account). `instant` costs the fee of
    the policy, posted together with the payout. `quote_id`: pay in the quote's currency at its locked rate.
    Locks the seller's destination, then the payable balance. Posts payable → in transit; publishes PayoutRequested.
    """
    if not (actor.is_system or actor.acts_for(seller_id)):
        raise NotFound()
    if currency not in CURRENCIES:
        raise InvalidInput("Choose another currency.", field="currency")
    with transaction.atomic():
        destination = selectors.lock_destination(seller_id)
        # locked: a claim that takes from it at the same moment is waited for, not run into
        available = Money(lock_position(seller_id, currency).payable, currency)
        policy = selectors.get_policy(currency)
        objection = _objection(destination, available, policy, actor=actor, now=now)
        if objection is not None:
            if actor.is_system:
                return None
            raise objection
        assert destination is not None
        fee = Money.zero(currency)
        if instant:
            fee = instant_fee(
                available, basis_points=policy.instant_basis_points, minimum_minor=policy.instant_minimum_minor
            )
        if fee == available:
            raise NotEnoughMoney("The fee would take all of it.")
        quote = _quote_for(seller_id, available - fee, quote_id, actor=actor, now=now)
        payout = _create_payout(destination, available, fee, policy, instant=instant, quote_id=quote, now=now)
        _record(payout, "", actor=actor, now=now)
        publish(
            PayoutRequested(payout_id=payout.id, seller_id=seller_id, amount=payout.amount, at=now),
            actor=actor, now=now,
        )  # fmt: skip
    return selectors.view_of(payout)


def _objection(
    destination: PayoutDestination | None, available: Money, policy: PayoutPolicy, *, actor: Actor, now: datetime
) -> DomainError | None:
    if destination is None:
        return InvalidInput("There is no bank account yet.", field="iban", remedy="Add your bank account first.")
    if available.minor <= 0 or available.minor < policy.minimum_minor:
        return NotEnoughMoney("There is less available than the smallest payout.")
    if actor.is_system and selectors.is_refused_account(destination):
        return PayoutHeld("The bank sent money back from this account.", remedy="Change your bank account.")
    holds = selectors.list_holds(destination.seller_id, available.currency, now)
    if not holds:
        return None
    if holds[0].until is not None:
        return PayoutHeld(
            "Your bank account changed a short while ago.",
            remedy="For your safety nothing is sent before a day passed.",
        )
    return PayoutHeld(remedy=holds[0].note)


def _quote_for(seller_id: UUID, source: Money, quote_id: UUID | None, *, actor: Actor, now: datetime) -> UUID | None:
    """The quote to pay by: the one given, or a fresh one when the seller chose another currency."""
    if quote_id is not None:
        return quote_id
    wanted = selectors.get_schedule(seller_id, source.currency).currency
    if not wanted or wanted == source.currency:
        return None
    return exchange.quote_exchange(seller_id=seller_id, source=source, currency=wanted, actor=actor, now=now).id


def _create_payout(
    destination: PayoutDestination, taken: Money, fee: Money, policy: PayoutPolicy, *, instant: bool,
    quote_id: UUID | None, now: datetime,
) -> Payout:  # fmt: skip
    """The row and its one ledger transaction: the balance, the fee, the exchange and what is on its way."""
    amount, seller = taken - fee, str(destination.seller_id)
    legs = [Leg(AccountCode.SELLER_PAYABLE, seller, taken), Leg(AccountCode.FEE_REVENUE, "", -fee)]
    if quote_id is not None:
        quote, exchanged = exchange.use_quote(quote_id=quote_id, seller_id=destination.seller_id, now=now)
        if quote.source != amount:
            raise InvalidInput("The quote is for another amount.", field="quote", remedy="Ask for a new one.")
        amount, legs = quote.target, [*legs, *exchanged]
    payout = Payout.objects.create(
        id=new_id(), seller_id=destination.seller_id, amount_minor=amount.minor, currency=amount.currency,
        requested_at=now, holder=destination.holder, iban=destination.iban, address=destination.address,
        provider=_rail(policy, amount.currency), next_attempt_at=now, instant=instant, fee_minor=fee.minor,
        taken_minor=taken.minor, taken_currency=taken.currency, quote_id=quote_id,
    )  # fmt: skip
    legs.append(Leg(AccountCode.PAYOUT_IN_TRANSIT, seller, -amount))
    ledger.post(scope="payout", key=f"{payout.id}:PAYOUT", kind="PAYOUT", ref=str(payout.id), now=now, legs=legs)
    return payout


def choose_rail(*, currency: str, rail: str, actor: Actor, now: datetime) -> None:
    """The rail of payouts requested from now on. Audited. Raises NotFound (not an operator), InvalidInput."""
    if not (actor.is_operator or actor.is_system):
        raise NotFound()
    if rail not in ("", bank.BANK) or (rail and currency not in FILE_CURRENCIES):
        raise InvalidInput("Payment files are made for euro accounts.", field="rail")
    with transaction.atomic():
        PayoutPolicy.objects.update_or_create(currency=currency, defaults={"rail": rail})
        audit.record(
            actor=actor, action="payout_rail.chosen", subject_type="currency", subject_id=currency, now=now, rail=rail
        )


def _rail(policy: PayoutPolicy, currency: str) -> str:
    """The policy's rail; payment files are in euro only."""
    return policy.rail if policy.rail and currency in FILE_CURRENCIES else default_provider()


def request_payout_on_release(*, seller_id: UUID, currency: str, now: datetime) -> None:
    """Money became available: request a payout when the seller's schedule is immediate."""
    if selectors.get_schedule(seller_id, currency).frequency == PayoutFrequency.IMMEDIATE:
        _try_payout(seller_id, currency, now=now)


def _try_payout(seller_id: UUID, currency: str, *, now: datetime) -> bool:
    """By the clock: a refusal (nobody quotes the seller's currency today) is logged and tried again later."""
    try:
        return request_payout(seller_id=seller_id, currency=currency, actor=CLOCK, now=now) is not None
    except DomainError:
        log.exception("payout_not_requested", seller=str(seller_id), currency=currency)
        return False


def request_due_payouts(*, now: datetime, limit: int = 200) -> int:
    """For schedules that are due and money that waited: no bank account before, or put back. Returns how many.

    An account the bank refused is not tried again by itself until the seller has changed it. One seller's trouble
    does not keep the others waiting.
    """
    due = selectors.list_sellers_to_pay(now, limit)
    return sum(_try_payout(seller_id, currency, now=now) for seller_id, currency in due)


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
    if payout.provider == bank.BANK:
        bank.order_transfer(
            order_id=payout.id, purpose="PAYOUT", amount=payout.amount, holder=payout.holder, iban=payout.iban,
            text=f"Payout {payout.end_to_end_id}", address=payout.address, now=now,
        )  # fmt: skip
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


def record_payout_return(*, payout_id: UUID, code: str, actor: Actor, now: datetime) -> bool:
    """The bank sent the money back, perhaps days after the payout was PAID: payable again, once.

    Publishes PayoutFailed or PayoutReturned. False when there was nothing to give back (unknown, or given back before).
    """
    with transaction.atomic():
        payout = Payout.objects.select_for_update().filter(id=payout_id).first()
        if payout is None:
            return False
        if payout.state == PayoutState.SUBMITTED:
            _fail(payout, code, actor=actor, now=now)
            return True
        if not is_allowed(TRANSITIONS, PayoutState(payout.state), PayoutAction.RETURN):
            return False
        payout.failure_code, payout.returned_at = code[:60], now
        credit = reserves.prepare_credit(seller_id=payout.seller_id, amount=payout.amount, now=now, reserved=False)
        ledger.post(
            scope="payout", key=f"{payout.id}:PAYOUT_SENT_BACK", kind="PAYOUT_SENT_BACK", ref=str(payout.id), now=now,
            legs=[Leg(AccountCode.PSP_CLEARING, "", payout.amount), *credit.legs],
        )  # fmt: skip
        _move(payout, PayoutAction.RETURN, actor=actor, now=now, reason=code)
        publish(
            PayoutReturned(
                payout_id=payout.id, seller_id=payout.seller_id, amount=payout.amount, at=now, reason_code=code
            ),
            actor=actor, now=now,
        )  # fmt: skip
    return True


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
    """Never paid: the amount is payable again, in the payout's currency, and the fee of an instant one goes back."""
    if not is_allowed(TRANSITIONS, PayoutState(payout.state), PayoutAction.FAIL):
        return
    payout.failure_code = code[:60]
    whole = (
        [payout.amount + payout.fee] if payout.fee.currency == payout.amount.currency else [payout.amount, payout.fee]
    )
    credits = [
        reserves.prepare_credit(seller_id=payout.seller_id, amount=amount, now=now, reserved=False) for amount in whole
    ]
    ledger.post(
        scope="payout", key=f"{payout.id}:PAYOUT_RETURNED", kind="PAYOUT_RETURNED", ref=str(payout.id), now=now,
        legs=[
            Leg(AccountCode.PAYOUT_IN_TRANSIT, str(payout.seller_id), payout.amount),
            Leg(AccountCode.FEE_REVENUE, "", payout.fee),
            *(leg for credit in credits for leg in credit.legs),
        ],
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
    ledger.post(
        scope="payout", key=f"{payout.id}:{kind}", kind=kind, ref=str(payout.id), now=now,
        legs=[
            Leg(source, _owner(payout, source), payout.amount),
            Leg(target, _owner(payout, target), -payout.amount),
        ],
    )  # fmt: skip


def _owner(payout: Payout, account: AccountCode) -> str:
    return "" if account is AccountCode.PSP_CLEARING else str(payout.seller_id)


def _move(payout: Payout, action: PayoutAction, *, actor: Actor, now: datetime, reason: str = "") -> None:
    before, payout.state = payout.state, next_state(TRANSITIONS, PayoutState(payout.state), action).value
    payout.save()
    _record(payout, before, actor=actor, now=now, reason=reason)


def _record(payout: Payout, before: str, *, actor: Actor, now: datetime, reason: str = "") -> None:
    PayoutTransition.objects.create(
        payout_id=payout.id, from_state=before, to_state=payout.state, actor=actor.reference[:120],
        reason=reason[:500], at=now,
    )  # fmt: skip
