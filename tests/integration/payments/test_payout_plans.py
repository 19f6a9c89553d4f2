"""When sellers are paid and when not: schedules, holds, cool-off, instant payouts, other currencies."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from core.actor import Role
from core.errors import InvalidInput, NotAllowed, NotFound
from core.ids import new_id
from core.money import Money
from core.outbox.services import drain
from payments import facade
from payments.contracts import HoldReason, NotEnoughMoney, PayoutFrequency, PayoutHeld, PayoutState
from payments.exchange import services as exchange
from payments.exchange.models import ExchangeQuote
from payments.exchange.selectors import list_positions
from payments.ledger.rules import AccountCode
from payments.ledger.selectors import balance
from payments.payouts import parties, selectors
from payments.payouts import services as payouts
from payments.payouts.models import Payout
from payments.payouts.rules import instant_fee, next_run
from tests.factories.payments import CLOSED_IBAN, IBAN, OPERATOR, eur, member, paid_purchase
from tests.integration.payments.test_payouts import destination, money_of, release

OTHER_IBAN = "DE89370400440532013000"
F = PayoutFrequency


def plan(seller, now, frequency, **changes):
    values = {"weekday": 0, "month_day": 1, "currency": "", **changes}
    return payouts.set_payout_schedule(
        seller_id=seller.organisation_id, frequency=frequency, actor=seller, now=now, **values
    )


def waiting(now, frequency=F.MANUAL, iban=IBAN, **changes):
    """A seller with 92.40 available and a bank account."""
    p = paid_purchase(now)
    destination(p.seller, now, iban)
    plan(p.seller, now, frequency, **changes)
    release(p, now)
    return p


def pay_now(p, now, **options):
    return payouts.request_payout(
        seller_id=p.seller.organisation_id, currency="EUR", actor=p.seller, now=now, **options
    )


moments = st.integers(1_700_000_000, 1_950_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@given(moments, st.sampled_from([F.DAILY, F.WEEKLY, F.MONTHLY]), st.integers(0, 6), st.integers(1, 28))
def test_the_next_run_is_later_soon_and_on_the_day_chosen(after, frequency, weekday, month_day):
    run = next_run(frequency, after=after, weekday=weekday, month_day=month_day)
    longest = {F.DAILY: 1, F.WEEKLY: 7, F.MONTHLY: 31}[frequency]
    assert after < run <= after + timedelta(days=longest)
    assert (run.hour, run.minute) == (0, 0)
    assert frequency is not F.WEEKLY or run.weekday() == weekday
    assert frequency is not F.MONTHLY or run.day == month_day


@given(st.integers(1, 10**9), st.integers(0, 10_000), st.integers(0, 10_000))
def test_the_instant_fee_never_exceeds_the_amount(minor, points, minimum):
    fee = instant_fee(eur(minor), basis_points=points, minimum_minor=minimum)
    assert 0 <= fee.minor <= minor


@pytest.mark.django_db
@pytest.mark.parametrize(("frequency", "waits"), [(F.DAILY, 1), (F.WEEKLY, 7), (F.MONTHLY, 30), (F.MANUAL, None)])
def test_money_goes_by_the_sellers_schedule(now, frequency, waits):
    p = waiting(now, frequency)
    assert payouts.request_due_payouts(now=now) == 0
    if waits is None:
        assert payouts.request_due_payouts(now=now + timedelta(days=400)) == 0
        return
    due = now.replace(hour=0) + timedelta(days=waits)
    assert payouts.request_due_payouts(now=due - timedelta(minutes=1)) == 0
    assert payouts.request_due_payouts(now=due) == 1
    assert money_of(p)[2] == 9_240


@pytest.mark.django_db
def test_a_hold_stops_payouts_says_why_and_ends(now):
    p = waiting(now, F.IMMEDIATE.MANUAL)
    seller_id = p.seller.organisation_id
    with pytest.raises(NotFound):
        facade.place_payout_hold(seller_id=seller_id, reason=HoldReason.RISK, note="x", actor=p.seller, now=now)
    for _ in range(2):
        facade.place_payout_hold(
            seller_id=seller_id, reason=HoldReason.RISK, note="We check three orders.", actor=OPERATOR, now=now
        )
    plan(p.seller, now, F.IMMEDIATE)
    assert payouts.request_due_payouts(now=now) == 0
    with pytest.raises(PayoutHeld) as refused:
        pay_now(p, now)
    assert refused.value.remedy == "We check three orders."
    facade.lift_payout_hold(seller_id=seller_id, reason=HoldReason.RISK, actor=OPERATOR, now=now)
    facade.lift_payout_hold(seller_id=seller_id, reason=HoldReason.RISK, actor=OPERATOR, now=now)
    assert payouts.request_due_payouts(now=now) == 1
    drain(now=now)


@pytest.mark.django_db
def test_a_seller_who_is_not_verified_is_not_paid(now, monkeypatch):
    class Doubt(parties.NobodyKnown):
        def payout_objection(self, organisation_id):
            return "Your business is not verified yet."

    p = waiting(now)
    monkeypatch.setattr(parties, "_plugged", Doubt())
    with pytest.raises(PayoutHeld) as refused:
        pay_now(p, now)
    assert "verified" in refused.value.remedy


@pytest.mark.django_db
def test_a_changed_bank_account_cools_off_the_first_does_not(now):
    p = waiting(now)
    destination(p.seller, now, IBAN)  # the same again: no change
    destination(p.seller, now, OTHER_IBAN)
    with pytest.raises(PayoutHeld):
        pay_now(p, now + timedelta(hours=23))
    assert pay_now(p, now + timedelta(hours=24)).destination.startswith("DE")


@pytest.mark.django_db
def test_an_instant_payout_costs_its_fee_and_gives_it_back_when_refused(now):
    p = waiting(now, iban=CLOSED_IBAN)
    before = balance(AccountCode.FEE_REVENUE, "", "EUR").minor
    view = pay_now(p, now, instant=True)
    assert (view.fee, view.amount, view.taken) == (eur(92), eur(9_148), eur(9_240))
    assert balance(AccountCode.FEE_REVENUE, "", "EUR").minor == before - 92
    payouts.submit_due_payouts(now=now)
    assert money_of(p) == (0, 9_240, 0, 0, 0)
    assert balance(AccountCode.FEE_REVENUE, "", "EUR").minor == before
    call_command("verify_ledger")


@pytest.mark.django_db
def test_paying_out_twice_at_once_pays_once(now):
    p = waiting(now)
    pay_now(p, now)
    with pytest.raises(NotEnoughMoney):
        pay_now(p, now)
    assert Payout.objects.count() == 1


@pytest.mark.django_db
def test_who_may_ask_and_choose(now):
    p = waiting(now)
    stranger = member(new_id())
    with pytest.raises(NotFound):
        payouts.request_payout(seller_id=p.seller.organisation_id, currency="EUR", actor=stranger, now=now)
    with pytest.raises(NotAllowed):
        plan(member(p.seller.organisation_id, Role.STAFF), now, F.DAILY)
    for wrong in ({"weekday": 7}, {"month_day": 29}, {"currency": "XXX"}):
        with pytest.raises(InvalidInput):
            plan(p.seller, now, F.DAILY, **wrong)


@pytest.mark.django_db
def test_without_an_account_or_enough_money_the_seller_is_told(now):
    p = paid_purchase(now)
    release(p, now)
    with pytest.raises(InvalidInput):
        pay_now(p, now)
    destination(p.seller, now)
    payouts.request_payout(seller_id=p.seller.organisation_id, currency="EUR", actor=p.seller, now=now)
    with pytest.raises(NotEnoughMoney):
        pay_now(p, now)


@pytest.mark.django_db
def test_a_payout_in_another_currency_goes_through_the_positions(now):
    p = waiting(now, currency="JPY")
    view = pay_now(p, now)
    quote = ExchangeQuote.objects.get()
    assert view.amount == quote.target
    assert view.amount.currency == "JPY"
    assert view.taken == eur(9_240)
    assert balance(AccountCode.FX_POSITION, "", "EUR") == eur(-9_240)
    given = balance(AccountCode.FX_POSITION, "", "JPY") + balance(AccountCode.FX_ROUNDING, "", "JPY")
    assert given == view.amount
    gain = sum(position.value.minor for position in list_positions("EUR", on=now.date()))
    assert 80 <= gain <= 100  # the spread of one per cent
    payouts.submit_due_payouts(now=now)
    assert facade.seller_balance(p.seller.organisation_id, "JPY").paid_out == view.amount
    call_command("verify_ledger")


@pytest.mark.django_db
def test_a_quote_locks_the_rate_until_it_expires_and_counts_once(now):
    p = waiting(now)
    seller_id = p.seller.organisation_id

    def ask(amount=9_240):
        return exchange.quote_exchange(seller_id=seller_id, source=eur(amount), currency="GBP", actor=p.seller, now=now)

    late, other, good = ask(), ask(5_000), ask()
    with pytest.raises(exchange.QuoteExpired):
        pay_now(p, now + timedelta(minutes=15), quote_id=late.id)
    with pytest.raises(InvalidInput):
        pay_now(p, now, quote_id=other.id)
    with pytest.raises(NotFound):
        exchange.quote_exchange(seller_id=seller_id, source=eur(1), currency="GBP", actor=member(new_id()), now=now)
    assert pay_now(p, now + timedelta(minutes=14), quote_id=good.id).amount == good.target
    with pytest.raises(exchange.QuoteUsed):
        exchange.use_quote(quote_id=good.id, seller_id=seller_id, now=now)
    other.refresh_from_db()
    assert other.used_at is None


@pytest.mark.django_db
def test_the_holds_are_listed_for_the_seller(now):
    p = waiting(now)
    destination(p.seller, now, OTHER_IBAN)
    (hold,) = selectors.list_holds(p.seller.organisation_id, "EUR", now)
    assert (hold.reason, hold.until) == (None, now + timedelta(hours=24))


@pytest.mark.django_db
def test_returned_money_of_an_exchange_stays_in_its_currency(now):
    p = waiting(now, currency="USD", iban=CLOSED_IBAN)
    view = pay_now(p, now)
    payouts.submit_due_payouts(now=now)
    assert Payout.objects.get().state == PayoutState.FAILED
    assert facade.seller_balance(p.seller.organisation_id, "USD").available == view.amount
    assert Money.zero("EUR") == facade.seller_balance(p.seller.organisation_id, "EUR").available
