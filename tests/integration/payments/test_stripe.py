"""Stripe through its own SDK, with a stub of the wire: nothing else is replaced."""

import json
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.test import Client

from core.errors import InvalidInput, NotFound
from core.ids import new_id
from payments import facade
from payments.chargebacks.models import Chargeback
from payments.charges.models import Charge
from payments.contracts import ChargeState, InvalidSignature
from payments.ledger.rules import AccountCode
from payments.ledger.selectors import balance
from payments.providers import stripe_proxy
from payments.providers.port import Outcome, ProviderTimeout
from payments.providers.registry import get_provider
from payments.wallet.models import SavedMethod
from payments.webhooks.services import receive_webhook
from tests.factories.payments import IBAN, eur, open_purchase
from tests.factories.stripe_wire import SECRET, Wire, event, shape, signed

pytestmark = pytest.mark.django_db
C = ChargeState


@pytest.fixture
def wire(settings, monkeypatch):
    settings.LONJA = {
        **settings.LONJA,
        "STRIPE_SECRET_KEY": "sk_test_x",
        "STRIPE_WEBHOOK_SECRET": f"whsec_other, {SECRET}",
    }
    made = Wire()
    monkeypatch.setattr(stripe_proxy, "transport", lambda: made)
    return made


def submit(p, now, token="pm_card_visa", **more):
    return facade.submit_charge(
        charge_id=p.charge_id,
        method_token=token,
        return_url="https://lonja.example/back/",
        actor=p.buyer,
        now=now,
        **more,
    )


def receive(kind, thing, now, event_id="evt_1"):
    body, headers = signed(event(kind, thing, event_id), now)
    return receive_webhook(provider="stripe", body=body, headers=headers, now=now)


def clearing():
    return balance(AccountCode.PSP_CLEARING, "", "EUR").minor


def test_stripe_exists_only_when_both_secrets_are_set(settings):
    for names in ({}, {"STRIPE_SECRET_KEY": "sk_test_x"}, {"STRIPE_WEBHOOK_SECRET": SECRET}):
        settings.LONJA = {**settings.LONJA, "STRIPE_SECRET_KEY": "", "STRIPE_WEBHOOK_SECRET": ""} | names
        with pytest.raises(NotFound):
            get_provider("stripe")
    assert Client().post("/webhooks/payments/stripe/", b"{}", content_type="application/json").status_code == 404


def test_a_token_pays_once_with_our_row_id_as_key(wire, now):
    p = open_purchase(now)
    assert submit(p, now).state is C.CAPTURED
    submit(p, now)
    posts = [(path, key) for method, path, _sent, key in wire.asked if method == "post"]
    assert posts == [("payment_intents", str(p.charge_id))]
    assert clearing() == 10_000
    assert Charge.objects.get().provider == "stripe"


def test_card_numbers_and_kept_tokens_are_refused_unread(wire, now):
    p = open_purchase(now)
    view = submit(p, now, "4242424242424242")
    assert (view.state, view.failure_code, wire.asked) == (C.FAILED, "unknown_method", [])
    with pytest.raises(InvalidInput):
        submit(open_purchase(now), now, "kept/cus_1/pm_1")


@pytest.mark.parametrize("fault", ["before", "after"])
def test_a_time_out_is_unknown_until_asked_and_never_pays_twice(wire, now, fault):
    p = open_purchase(now)
    wire.faults = [fault]
    assert submit(p, now).state is C.UNKNOWN
    assert submit(p, now).state is C.CAPTURED
    assert len(wire.of_kind("payment_intent")) == 1
    assert clearing() == 10_000


def test_a_charge_lost_after_a_time_out_is_found_by_our_key(wire, now):
    p = open_purchase(now)
    wire.faults = ["after"]
    submit(p, now)
    assert facade.refresh_charge(charge_id=p.charge_id, now=now).state is C.CAPTURED


def test_another_card_after_a_time_out_finds_the_first_payment(wire, now):
    p = open_purchase(now)
    wire.faults = ["after"]
    submit(p, now)
    assert submit(p, now, "pm_another").state is C.CAPTURED
    assert len(wire.of_kind("payment_intent")) == 1


@pytest.mark.parametrize("status", [401, 409, 429, 500])
def test_no_clear_answer_is_a_time_out(wire, now, status):
    p = open_purchase(now)
    wire.faults = [(status, {"type": "api_error", "message": "x"})]
    assert submit(p, now).state is C.UNKNOWN


def test_a_declined_card_says_why(wire, now):
    p = open_purchase(now)
    wire.faults = [(402, {"type": "card_error", "code": "expired_card", "payment_intent": {"id": "pi_1"}})]
    view = submit(p, now)
    assert (view.state, view.failure_code) == (C.FAILED, "card_expired")
    assert "expired" in view.failure_message


def test_strong_authentication(wire, now):
    p = open_purchase(now)
    wire.card_status = "requires_action"
    view = submit(p, now)
    assert (view.state, view.redirect_url) == (C.REQUIRES_ACTION, "https://hooks.stripe.com/3ds")
    wire.of_kind("payment_intent")[0]["status"] = "succeeded"
    assert facade.refresh_charge(charge_id=p.charge_id, now=now).state is C.CAPTURED


@pytest.mark.parametrize("finish", ["webhook", "return"])
@pytest.mark.parametrize("keep", [True, False])
def test_the_hosted_page_and_a_card_kept_there(wire, now, finish, keep):
    p = open_purchase(now)
    view = submit(p, now, None)
    assert view.redirect_url.startswith("https://checkout.stripe.com/")
    intent = wire.pay_session(p.charge_id, keep=keep)
    if finish == "webhook":
        told = intent | {"payment_method": intent["payment_method"]["id"]}
        assert receive("payment_intent.succeeded", told, now) == 1
    facade.refresh_charge(charge_id=p.charge_id, now=now)
    assert facade.get_charge(p.charge_id).state is C.CAPTURED
    assert SavedMethod.objects.count() == int(keep)


def test_one_press_with_a_kept_card_names_its_customer(wire, now):
    p = open_purchase(now)
    submit(p, now, None)
    wire.pay_session(p.charge_id, keep=True)
    facade.refresh_charge(charge_id=p.charge_id, now=now)
    (method,) = facade.list_saved_methods(buyer_id=p.buyer.organisation_id, now=now)
    again = open_purchase(now)
    Charge.objects.filter(id=again.charge_id).update(buyer_id=p.buyer.organisation_id)
    again.buyer = p.buyer
    assert submit(again, now, None, saved_method_id=method.method_id).state is C.CAPTURED
    sent = wire.asked[-1][2]
    assert (sent["customer"], sent["payment_method"]) == ("cus_1", shape("payment_method")["id"])


def test_webhooks_only_with_a_good_and_fresh_signature(wire, now):
    p = open_purchase(now)
    intent = shape("payment_intent", status="succeeded", metadata={"lonja_charge": str(p.charge_id)})
    body, headers = signed(event("payment_intent.succeeded", intent), now)
    for wrong, given, at in (
        (body + b" ", headers, now),
        (body, {}, now),
        (body, {"Stripe-Signature": "t=x,v1=y"}, now),
        (body, signed(json.loads(body), now, secret="whsec_wrong")[1], now),
        (body, headers, now + timedelta(seconds=301)),
        (body, headers, now - timedelta(seconds=301)),
        (b"\xff", headers, now),
    ):
        with pytest.raises(InvalidSignature):
            receive_webhook(provider="stripe", body=wrong, headers=given, now=at)
    assert facade.get_charge(p.charge_id).state is C.CREATED


def test_replayed_reordered_and_unknown_news_do_nothing_twice(wire, now):
    p = open_purchase(now)
    wire.card_status = "processing"
    submit(p, now)
    intent = wire.of_kind("payment_intent")[0]
    paid, processing = intent | {"status": "succeeded"}, intent | {"status": "processing"}
    assert receive("payment_intent.succeeded", paid, now, "evt_2") == 1
    assert receive("payment_intent.succeeded", paid, now, "evt_2") == 0
    assert receive("payment_intent.processing", processing, now, "evt_1") == 1
    assert receive("plan.created", {"id": "plan_1"}, now, "evt_3") == 0
    assert receive("payment_intent.succeeded", shape("payment_intent", status="succeeded"), now, "evt_4") == 1
    assert facade.get_charge(p.charge_id).state is C.CAPTURED
    assert clearing() == 10_000


def test_the_webhook_page(wire, now):
    p = open_purchase(now)
    intent = shape("payment_intent", status="processing", metadata={"lonja_charge": str(p.charge_id)})
    body, headers = signed(event("payment_intent.processing", intent), now)
    with patch("payments.webhooks.views.utc_now", return_value=now):
        for given, status in ((headers, 204), ({"Stripe-Signature": "t=1,v1=x"}, 400)):
            answer = Client().post("/webhooks/payments/stripe/", body, content_type="application/json", headers=given)
            assert answer.status_code == status


def test_a_refund_is_made_once_even_when_stripe_forgot_the_key(wire, now):
    p = open_purchase(now)
    submit(p, now)
    key = str(new_id())
    provider = get_provider("stripe")
    ask = {"idempotency_key": key, "charge_key": str(p.charge_id), "amount": eur(4_000), "now": now}
    wire.faults = [None, None, "after"]
    with pytest.raises(ProviderTimeout):
        provider.refund(**ask)
    wire.kept_answers.clear()
    for _ in range(2):
        assert provider.refund(**ask).outcome is Outcome.SUCCEEDED
    assert len(wire.of_kind("refund")) == 1
    assert provider.refund(**ask | {"idempotency_key": "b", "charge_key": str(new_id())}).code == "charge_not_found"


def test_a_payout_goes_over_a_connected_account_and_a_failed_one_comes_back(wire, now):
    key, provider = str(new_id()), get_provider("stripe")
    ask = {"idempotency_key": key, "amount": eur(9_240), "holder": "Ana", "iban": IBAN, "now": now}
    wire.faults = [None, None, None, None, "after"]
    with pytest.raises(ProviderTimeout):
        provider.payout(**ask)
    wire.kept_answers.clear()
    assert provider.payout(**ask).outcome is Outcome.PENDING
    assert [len(wire.of_kind(kind)) for kind in ("account", "transfer", "payout")] == [1, 1, 1]
    wire.of_kind("payout")[0].update(status="failed", failure_code="account_closed")
    result = provider.payout(**ask)
    assert (result.outcome, result.code) == (Outcome.DECLINED, "account_closed")
    assert len(wire.of_kind("transfer_reversal")) == 1
    assert provider.payout(**ask).outcome is Outcome.DECLINED
    assert len(wire.of_kind("transfer_reversal")) == 1


def test_a_dispute_finds_its_charge_and_is_answered_once(wire, now):
    p = open_purchase(now)
    submit(p, now)
    intent = wire.of_kind("payment_intent")[0]["id"]
    dispute = shape("dispute", status="needs_response", payment_intent=intent, currency="eur", amount=10_000,
                    balance_transactions=[{"fee": 2000, "currency": "eur"}])  # fmt: skip
    assert receive("charge.dispute.created", dispute, now) == 1
    row = Chargeback.objects.get()
    assert (row.charge_id, row.fee_minor, row.provider_ref) == (p.charge_id, 2000, dispute["id"])
    facts = {"orders": [{"parcels": [{"carrier": "Seur", "tracking_number": "T1"}]}], "delivered_at": "2026-03-01"}
    ask = {
        "idempotency_key": str(new_id()),
        "dispute_ref": dispute["id"],
        "document": b"%PDF-",
        "facts": facts,
        "now": now,
    }
    assert get_provider("stripe").submit_evidence(**ask).outcome is Outcome.SUCCEEDED
    sent = wire.asked[-1][2]
    assert (sent["submit"], sent["evidence[shipping_tracking_number]"]) == ("true", "T1")
    wire.faults = [None, (400, {"type": "invalid_request_error", "code": "charge_dispute_closed", "message": "closed"})]
    assert get_provider("stripe").submit_evidence(**ask).outcome is Outcome.DECLINED


def test_a_dispute_that_cannot_be_looked_up_comes_again(wire, now):
    p = open_purchase(now)
    submit(p, now)
    dispute = shape("dispute", payment_intent=wire.of_kind("payment_intent")[0]["id"])
    body, headers = signed(event("charge.dispute.created", dispute), now)
    wire.faults = ["before"]
    with patch("payments.webhooks.views.utc_now", return_value=now):
        answer = Client().post("/webhooks/payments/stripe/", body, content_type="application/json", headers=headers)
    assert answer.status_code == 409
