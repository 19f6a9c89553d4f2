"""Charges against the sandbox network: declines, challenges, time-outs, late, repeated and reordered news."""

import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client

from core.ids import new_id
from core.models import EventRecord
from payments import facade
from payments.charges import services as charges
from payments.charges.models import Charge, ChargeTransition
from payments.charges.states import TRANSITIONS, ChargeAction
from payments.contracts import (
    ChargeAlreadyCaptured,
    ChargeAlreadyOpen,
    ChargeNotFound,
    ChargeState,
    EscrowState,
    InvalidSignature,
)
from payments.escrow.models import Escrow, Refund
from payments.ledger.rules import AccountCode
from payments.ledger.selectors import balance
from payments.providers import network, signatures
from payments.providers.models import SandboxIntent, SandboxWebhook
from payments.providers.port import Outcome, ProviderResult
from payments.providers.registry import ProviderCalledInTransaction
from payments.refunds.submission import submit_due_refunds
from payments.webhooks.models import PspEvent
from payments.webhooks.services import receive_webhook
from tests.factories.payments import SYSTEM, deliver_webhooks, eur, member, open_purchase, paid_purchase, submit

pytestmark = pytest.mark.django_db
C = ChargeState


def state(p):
    return facade.get_charge(p.charge_id).state


def escrow_states(p):
    return {view.state for view in facade.list_escrows(p.orders).values()}


def clearing():
    return balance(AccountCode.PSP_CLEARING, "", "EUR").minor


def events(name):
    return EventRecord.objects.filter(name=f"payments.{name}.v1").count()


def test_one_payment_funds_every_order_once(now):
    p = open_purchase(now, (10_000, 2_500, 1))
    assert submit(p, now).state is C.CAPTURED
    assert escrow_states(p) == {EscrowState.FUNDED}
    deliver_webhooks(now)
    submit(p, now)
    facade.refresh_charge(charge_id=p.charge_id, now=now)
    assert clearing() == 12_501
    assert (events("charge.captured"), events("escrow.funded")) == (1, 3)
    call_command("verify_ledger")


@pytest.mark.parametrize(
    ("token", "code"),
    [("tok_decline", "card_declined"), ("tok_insufficient", "insufficient_funds"), ("tok_none", "unknown_method")],
)
def test_a_decline_moves_nothing_and_the_purchase_can_be_paid_again(now, token, code):
    p = open_purchase(now)
    view = submit(p, now, token)
    assert (view.state, view.failure_code) == (C.FAILED, code)
    assert view.failure_message
    deliver_webhooks(now)
    with transaction.atomic():
        again = facade.open_charge(
            purchase_id=p.purchase_id, buyer_id=p.buyer.organisation_id, amount=eur(10_000), escrows=p.requests,
            actor=p.buyer, now=now,
        )  # fmt: skip
    p.charge_id = again.charge_id
    assert submit(p, now).state is C.CAPTURED
    assert facade.find_charge_for_purchase(p.purchase_id).charge_id == again.charge_id
    assert clearing() == 10_000


def test_only_one_live_charge(now):
    p = open_purchase(now)

    def again():
        return facade.open_charge(
            purchase_id=p.purchase_id, buyer_id=p.buyer.organisation_id, amount=eur(10_000), escrows=p.requests,
            actor=p.buyer, now=now,
        )  # fmt: skip

    with pytest.raises(ChargeAlreadyOpen):
        again()
    submit(p, now)
    with pytest.raises(ChargeAlreadyCaptured):
        again()


@pytest.mark.parametrize(("approved", "end"), [(True, C.CAPTURED), (False, C.FAILED)])
def test_a_challenge_at_the_bank(now, approved, end):
    p = open_purchase(now)
    view = submit(p, now, "tok_3ds")
    assert view.state is C.REQUIRES_ACTION
    assert view.redirect_url.endswith("/challenge/")
    intent = SandboxIntent.objects.get()
    page = "/" + view.redirect_url.split("/", 3)[3]
    response = Client().post(page, {"answer": "approve" if approved else "refuse"})
    assert (response.status_code, response["Location"]) == (302, "/back/")
    assert facade.refresh_charge(charge_id=p.charge_id, now=now).state is end
    deliver_webhooks(now)
    assert state(p) is end
    assert intent.idempotency_key == str(p.charge_id)


def test_the_hosted_page(now):
    p = open_purchase(now)
    view = submit(p, now, None)
    page = "/" + view.redirect_url.split("/", 3)[3]
    wrong = Client().post(page, {"number": "4111111111111111", "expiry": "12/40", "code": "123"})
    assert wrong.status_code == 200
    response = Client().post(page, {"number": "4242 4242 4242 4242", "expiry": "12/40", "code": "123"})
    assert response["Location"] == "/back/"
    assert facade.refresh_charge(charge_id=p.charge_id, now=now).state is C.CAPTURED
    assert Client().get(page).status_code == 302
    assert Client().get(f"/sandbox/pay/{new_id()}/").status_code == 404


def test_no_sandbox_page_without_the_sandbox(now, settings):
    p = open_purchase(now)
    view = submit(p, now, None)
    settings.LONJA = {**settings.LONJA, "SANDBOX": False}
    assert Client().get("/" + view.redirect_url.split("/", 3)[3]).status_code == 404


@pytest.mark.parametrize("finish", ["webhook", "poll"])
def test_a_time_out_after_the_money_was_taken(now, finish):
    p = open_purchase(now)
    assert submit(p, now, "tok_timeout").state is C.UNKNOWN
    assert clearing() == 0
    if finish == "webhook":
        deliver_webhooks(now)
    else:
        assert charges.poll_due_charges(now=now + timedelta(minutes=1)) == 1
    assert state(p) is C.CAPTURED
    deliver_webhooks(now)
    assert submit(p, now).state is C.CAPTURED
    assert clearing() == 10_000


def test_a_late_webhook(now):
    p = open_purchase(now)
    assert submit(p, now, "tok_late_webhook").state is C.PENDING
    assert deliver_webhooks(now) == 0
    assert deliver_webhooks(now + timedelta(seconds=30)) == 1
    assert state(p) is C.CAPTURED


def test_a_duplicate_webhook(now):
    p = open_purchase(now)
    submit(p, now, "tok_duplicate_webhook")
    assert SandboxWebhook.objects.count() == 2
    assert deliver_webhooks(now) == 2
    assert PspEvent.objects.count() == 1
    assert clearing() == 10_000


def test_the_webhook_before_the_answer(now):
    """The process dies between the call and the recording of its answer: the webhook does the work."""
    p = open_purchase(now)
    with transaction.atomic():
        charges._move(Charge.objects.get(), ChargeAction.SUBMIT, actor=SYSTEM, now=now)
    network.create_intent(
        idempotency_key=str(p.charge_id), amount=eur(10_000), method_token="tok_approve", return_url="", now=now
    )
    assert deliver_webhooks(now) == 1
    assert state(p) is C.CAPTURED
    assert submit(p, now).state is C.CAPTURED
    assert clearing() == 10_000


def test_a_charge_the_provider_never_heard_of_fails_after_a_while(now):
    p = open_purchase(now)
    charge = Charge.objects.get()
    charge.submitted_at = charge.poll_at = now
    charges._move(charge, ChargeAction.SUBMIT, actor=SYSTEM, now=now)
    charges.poll_due_charges(now=now)
    assert state(p) is C.SUBMITTED
    charges.poll_due_charges(now=now + timedelta(hours=1))
    assert facade.get_charge(p.charge_id).failure_code == "not_received"


def test_money_for_a_cancelled_purchase_goes_back(now):
    p = open_purchase(now)
    submit(p, now, "tok_late_webhook")
    facade.cancel_charge(charge_id=p.charge_id, actor=p.buyer, now=now)
    facade.cancel_charge(charge_id=p.charge_id, actor=p.buyer, now=now)
    assert escrow_states(p) == {EscrowState.CANCELLED}
    deliver_webhooks(now + timedelta(seconds=30))
    assert state(p) is C.RETURNED
    assert clearing() == 0
    assert submit_due_refunds(now=now + timedelta(seconds=30)) == 1
    assert Refund.objects.get().state == "DONE"
    assert SandboxIntent.objects.get().refunded_minor == 10_000
    call_command("verify_ledger")


def test_money_for_an_order_cancelled_meanwhile_goes_back_and_the_rest_is_held(now):
    p = open_purchase(now, (10_000, 2_500))
    submit(p, now, "tok_late_webhook")
    facade.refund_order(order_id=p.orders[1], reason="sold out", actor=p.sellers[1], now=now)
    deliver_webhooks(now + timedelta(seconds=30))
    assert state(p) is C.CAPTURED
    assert clearing() == 10_000
    assert Refund.objects.get().amount == eur(2_500)
    call_command("verify_ledger")


def test_refunds_reach_the_card_once(now):
    p = paid_purchase(now)
    facade.refund_order(order_id=p.order_id, reason="x", actor=p.buyer, now=now)
    assert submit_due_refunds(now=now) == 1
    assert submit_due_refunds(now=now + timedelta(days=1)) == 0
    deliver_webhooks(now)
    assert SandboxIntent.objects.get().refunded_minor == 10_000
    assert [m.code for m in facade.money_timeline(p.order_id)] == ["FUND", "REFUND", "REFUND_PAID"]


def test_a_refund_whose_worker_died_is_sent_again_with_one_effect(now, monkeypatch):
    from payments.refunds import submission as refunding

    p = paid_purchase(now)
    facade.refund_order(order_id=p.order_id, reason="x", actor=p.buyer, now=now)

    def killed(**kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(refunding, "record_refund_result", killed)
        with pytest.raises(KeyboardInterrupt):
            submit_due_refunds(now=now)
    assert submit_due_refunds(now=now) == 0
    assert submit_due_refunds(now=now + refunding.LEASE) == 1
    assert SandboxIntent.objects.get().refunded_minor == 10_000


def test_an_error_half_way_through_capture_leaves_nothing_and_is_repeated(now, monkeypatch):
    p = open_purchase(now)

    def broken(event, **kwargs):
        raise ValueError("half-way")

    with monkeypatch.context() as patch:
        patch.setattr(charges, "publish", broken)
        with pytest.raises(ValueError, match="half-way"):
            submit(p, now)
    assert (state(p), clearing(), Escrow.objects.get().state) == (C.SUBMITTED, 0, "CREATED")
    charges.poll_due_charges(now=now + timedelta(minutes=1))
    assert (state(p), clearing()) == (C.CAPTURED, 10_000)


def test_every_pair_of_state_and_action(now):
    """News only move a charge forward; whatever the machine does not know changes nothing."""
    outcomes = {
        Outcome.DECLINED: ChargeAction.FAIL,
        Outcome.PENDING: ChargeAction.PEND,
        Outcome.REQUIRES_ACTION: ChargeAction.REQUIRE_ACTION,
    }
    for start in C:
        for outcome, action in outcomes.items():
            p = open_purchase(now)
            Charge.objects.filter(id=p.charge_id).update(state=start.value)
            charges.apply_result(charge_id=p.charge_id, result=ProviderResult(outcome, "r"), actor=SYSTEM, now=now)
            assert state(p) is TRANSITIONS.get((start, action), start)


def test_cancel_is_for_the_buyer_and_not_after_capture(now):
    p = open_purchase(now)
    with pytest.raises(ChargeNotFound):
        facade.cancel_charge(charge_id=p.charge_id, actor=member(new_id()), now=now)
    with pytest.raises(ChargeNotFound):
        facade.submit_charge(
            charge_id=p.charge_id, method_token="tok_approve", return_url="", actor=member(new_id()), now=now
        )
    submit(p, now)
    with pytest.raises(ChargeAlreadyCaptured):
        facade.cancel_charge(charge_id=p.charge_id, actor=p.buyer, now=now)


def test_the_provider_is_never_called_inside_a_transaction(now):
    p = open_purchase(now)
    with pytest.raises(ProviderCalledInTransaction), transaction.atomic():
        submit(p, now)


def body_for(p):
    return json.dumps(
        {
            "id": "evt_1",
            "kind": "CHARGE",
            "reference": str(p.charge_id),
            "status": "SUCCEEDED",
            "object": "x",
            "code": "",
        }
    ).encode()


def test_unsigned_old_and_changed_webhooks_are_refused(now):
    p = open_purchase(now)
    body = body_for(p)
    good = signatures.sign(body, provider="sandbox", at=now)
    for sent, header, moment in (
        (body, "", now), (body, "t=1", now), (body, "t=x,v1=y", now), (body + b" ", good, now),
        (body, good, now + timedelta(seconds=301)), (body, good, now - timedelta(seconds=301)),
        (body, good[:-1] + ("0" if good[-1] != "0" else "1"), now),
    ):  # fmt: skip
        with pytest.raises(InvalidSignature):
            receive_webhook(provider="sandbox", body=sent, headers={signatures.HEADER: header}, now=moment)
    assert PspEvent.objects.count() == 0
    response = Client().post("/webhooks/payments/sandbox/", data=body, content_type="application/json")
    assert response.status_code == 400
    assert Client().post("/webhooks/payments/nobody/", data=body, content_type="application/json").status_code == 404
    assert Client().get("/webhooks/payments/sandbox/").status_code == 405


def test_news_about_nothing_of_ours_are_kept_without_effect(now):
    for number, reference in enumerate((str(new_id()), "no-uuid")):
        for kind in ("CHARGE", "REFUND", "PAYOUT"):
            body = json.dumps(
                {
                    "id": f"e{number}{kind}",
                    "kind": kind,
                    "reference": reference,
                    "status": "SUCCEEDED",
                    "object": "",
                    "code": "",
                }
            ).encode()
            header = {signatures.HEADER: signatures.sign(body, provider="sandbox", at=now)}
            assert receive_webhook(provider="sandbox", body=body, headers=header, now=now) == 1
    assert PspEvent.objects.count() == 6


def test_transitions_are_recorded(now):
    p = paid_purchase(now)
    steps = ChargeTransition.objects.filter(charge_id=p.charge_id).values_list("from_state", "to_state")
    assert list(steps) == [("CREATED", "SUBMITTED"), ("SUBMITTED", "CAPTURED")]


def test_capture_takes_a_fixed_number_of_queries_per_order(now, django_assert_max_num_queries):
    p = open_purchase(now, (1_000, 1_000, 1_000))
    with django_assert_max_num_queries(34):
        submit(p, now)
