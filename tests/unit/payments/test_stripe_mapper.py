"""Stripe's shapes, amounts and words, mapped without I/O."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import CURRENCIES, Money
from payments.providers import stripe_mapper as mapper
from payments.providers.port import DisputeStatus, EventKind, Outcome
from tests.factories.stripe_wire import event, shape


@pytest.mark.parametrize(
    ("minor", "currency", "number"),
    [(1234, "EUR", 1234), (500, "JPY", 500), (500, "CLP", 500), (500, "ISK", 50_000), (12_340, "KWD", 12_340)],
)
def test_amounts_are_counted_as_stripe_counts(minor, currency, number):
    assert mapper.to_stripe(Money(minor, currency)) == number
    assert mapper.from_stripe(number, currency.lower()) == Money(minor, currency)


def test_what_stripe_cannot_take_exactly_is_refused_never_rounded():
    with pytest.raises(mapper.UnsupportedAmount):
        mapper.to_stripe(Money(12_345, "TND"))
    with pytest.raises(mapper.UnsupportedAmount):
        mapper.from_stripe(50_050, "isk")
    with pytest.raises(mapper.UnsupportedAmount):
        mapper.payout_amount(Money(12_345, "HUF"))
    assert mapper.to_stripe(Money(12_345, "HUF")) == 12_345


@given(st.integers(1, 10**12), st.sampled_from(sorted(CURRENCIES)))
def test_no_money_is_made_or_lost_on_the_way_there_and_back(minor, currency):
    amount = Money(minor, currency)
    try:
        number = mapper.to_stripe(amount)
    except mapper.UnsupportedAmount:
        assert currency in mapper.THREE_DECIMAL
        assert minor % 10
    else:
        assert mapper.from_stripe(number, currency) == amount


@pytest.mark.parametrize(
    ("status", "outcome"),
    [("succeeded", Outcome.SUCCEEDED), ("processing", Outcome.PENDING), ("requires_payment_method", Outcome.DECLINED),
     ("canceled", Outcome.CANCELLED), ("requires_capture", Outcome.PENDING), ("a_new_word", Outcome.PENDING)],
)  # fmt: skip
def test_the_published_intent_in_every_state(status, outcome):
    assert mapper.charge_result(shape("payment_intent", status=status)).outcome is outcome


def test_a_refused_card_on_the_hosted_page_is_not_the_end():
    hosted = shape("payment_intent", status="requires_payment_method", metadata={"lonja_hosted": "1"})
    assert mapper.charge_result(hosted).outcome is Outcome.REQUIRES_ACTION


@pytest.mark.parametrize(
    ("error", "code"),
    [({"code": "card_declined", "decline_code": "insufficient_funds"}, "insufficient_funds"),
     ({"code": "expired_card"}, "card_expired"), ({"code": "incorrect_cvc"}, "incorrect_cvc"),
     ({"code": "card_declined", "decline_code": "stolen_card"}, "card_declined"),
     ({"code": "authentication_required"}, "authentication_failed"), ({}, "card_declined")],
)  # fmt: skip
def test_refusals_have_our_words_and_suspicion_is_not_told(error, code):
    assert mapper.decline_code(error) == code


@pytest.mark.parametrize("status", [*(s.value.lower() for s in DisputeStatus), "prevented", "a_new_word"])
def test_the_published_dispute_in_every_state(status):
    dispute = mapper.dispute_of(shape("dispute", status=status), "x")
    assert (dispute.amount, dispute.due_by.year) == (Money(1000, "USD"), 2024)
    if status.upper() in DisputeStatus.__members__:
        assert dispute.status == status.upper()


def test_the_fee_of_a_dispute_is_what_stripe_booked():
    booked = [{"fee": 1500, "currency": "usd"}]
    assert mapper.dispute_of(shape("dispute", balance_transactions=booked), "x").fee == Money(1500, "USD")


def test_unknown_events_have_no_effect_and_known_ones_have_theirs():
    assert mapper.event_of(event("plan.created", {"id": "plan_1"})) is None
    kinds = {"refund.updated": EventKind.REFUND, "payout.paid": EventKind.PAYOUT,
             "checkout.session.expired": EventKind.CHARGE, "payment_intent.processing": EventKind.CHARGE}  # fmt: skip
    for name, kind in kinds.items():
        thing = shape({"refund": "refund", "payout": "payout", "checkout": "checkout.session"}.get(
            name.split(".")[0], "payment_intent"))  # fmt: skip
        assert mapper.event_of(event(name, thing)).kind is kind


def test_a_card_is_kept_only_with_consent_on_the_hosted_page():
    method = shape("payment_method", allow_redisplay="always")
    paid = shape("payment_intent", status="succeeded", customer="cus_1", payment_method=method)
    assert mapper.charge_result(paid).method is None
    paid["metadata"] = {"lonja_hosted": "1"}
    kept = mapper.charge_result(paid).method
    assert (kept.brand, kept.last4) == ("visa", "4242")
    assert mapper.split_token(kept.token) == ("cus_1", method["id"])
    method["allow_redisplay"] = "limited"
    assert mapper.charge_result(paid).method is None
