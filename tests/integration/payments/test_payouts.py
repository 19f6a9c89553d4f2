"""Payouts: requested when money becomes available, confirmed or given back by the bank; pages and REST of money."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client

from core.actor import Role
from core.errors import InvalidInput, NotAllowed, NotFound
from core.identity.services import create_person
from core.ids import new_id
from core.outbox.services import drain
from payments import facade
from payments.contracts import DeliveryKind, InvalidIban, PayoutState
from payments.payouts import services as payouts
from payments.payouts.models import Payout, PayoutTransition
from payments.payouts.states import TRANSITIONS
from payments.providers.port import Outcome, ProviderResult
from tests.factories.payments import (
    CARRIER,
    CLOSED_IBAN,
    IBAN,
    deliver_webhooks,
    member,
    open_purchase,
    paid_purchase,
    submit,
)

pytestmark = pytest.mark.django_db


def destination(seller, now, iban=IBAN):
    return facade.set_payout_destination(
        seller_id=seller.organisation_id, holder="Ana Ruiz", iban=iban, actor=seller, now=now
    )


def release(p, now):
    facade.mark_delivered(
        order_id=p.order_id, delivery_kind=DeliveryKind.POST, delivered_at=now, actor=CARRIER, now=now
    )
    facade.confirm_receipt(order_id=p.order_id, actor=p.buyer, now=now)
    drain(now=now)


def money_of(p):
    b = facade.seller_balance(p.seller.organisation_id, "EUR")
    return b.held.minor, b.available.minor, b.on_its_way.minor, b.paid_out.minor, b.owed.minor


def test_released_money_goes_to_the_bank(now):
    p = paid_purchase(now)
    destination(p.seller, now)
    assert money_of(p) == (10_000, 0, 0, 0, 0)
    release(p, now)
    assert money_of(p) == (0, 0, 9_240, 0, 0)
    assert payouts.submit_due_payouts(now=now) == 1
    assert money_of(p) == (0, 0, 0, 9_240, 0)
    deliver_webhooks(now)
    payouts.submit_due_payouts(now=now + timedelta(days=1))
    assert money_of(p) == (0, 0, 0, 9_240, 0)
    (payout,) = facade.list_payouts(p.seller.organisation_id)
    assert (payout.state, payout.destination) == (PayoutState.PAID, "ES•• •••• 1332")
    call_command("verify_ledger")


def test_without_a_bank_account_the_money_waits(now):
    p = paid_purchase(now)
    release(p, now)
    assert money_of(p) == (0, 9_240, 0, 0, 0)
    assert payouts.request_due_payouts(now=now) == 0
    destination(p.seller, now)
    assert payouts.request_due_payouts(now=now) == 1
    assert payouts.request_due_payouts(now=now) == 0
    assert money_of(p) == (0, 0, 9_240, 0, 0)


def test_a_payout_the_bank_refuses_is_available_again(now):
    p = paid_purchase(now)
    destination(p.seller, now, CLOSED_IBAN)
    release(p, now)
    payouts.submit_due_payouts(now=now)
    assert money_of(p) == (0, 9_240, 0, 0, 0)
    assert Payout.objects.get().failure_code == "account_closed"
    deliver_webhooks(now)
    assert money_of(p) == (0, 9_240, 0, 0, 0)
    call_command("verify_ledger")


def test_a_worker_killed_after_the_bank_answered_pays_once(now, monkeypatch):
    p = paid_purchase(now)
    destination(p.seller, now)
    release(p, now)

    def killed(**kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(payouts, "record_payout_result", killed)
        with pytest.raises(KeyboardInterrupt):
            payouts.submit_due_payouts(now=now)
    assert payouts.submit_due_payouts(now=now) == 0
    assert payouts.submit_due_payouts(now=now + payouts.LEASE) == 1
    assert money_of(p) == (0, 0, 0, 9_240, 0)


def test_every_pair_of_state_and_result(now):
    for state in PayoutState:
        for outcome, end in ((Outcome.SUCCEEDED, "PAID"), (Outcome.DECLINED, "FAILED")):
            p = paid_purchase(now)
            destination(p.seller, now)
            release(p, now)
            payout = Payout.objects.get(seller_id=p.seller.organisation_id)
            Payout.objects.filter(id=payout.id).update(state=state.value)
            payouts.record_payout_result(payout_id=payout.id, result=ProviderResult(outcome, "x"), now=now)
            payout.refresh_from_db()
            assert payout.state == (end if state is PayoutState.SUBMITTED else state.value)
    assert len(TRANSITIONS) == 4
    assert PayoutTransition.objects.exists()


@pytest.mark.parametrize(
    "iban", ["", "ES00", "ES9121000418450200051333", "4242424242424242", "DE89370400440532013000X"]
)
def test_wrong_ibans(now, iban):
    with pytest.raises(InvalidIban):
        destination(member(new_id()), now, iban)


def test_who_may_set_the_bank_account(now):
    seller = member(new_id())
    with pytest.raises(NotFound):
        facade.set_payout_destination(seller_id=new_id(), holder="Eve", iban=IBAN, actor=seller, now=now)
    with pytest.raises(NotAllowed):
        destination(member(new_id(), Role.STAFF), now)
    with pytest.raises(InvalidInput):
        facade.set_payout_destination(seller_id=seller.organisation_id, holder=" ", iban=IBAN, actor=seller, now=now)
    destination(seller, now)
    assert "1332" in facade.get_payout_destination(seller.organisation_id).iban_masked
    assert facade.get_payout_destination(new_id()) is None


@pytest.fixture
def people(now):
    """A paid order of a seller who has a log-in, and clients for everybody."""
    user, organisation = create_person(
        email="s@example.org", password="correct horse battery", name="Sol", country="ES", currency="EUR", now=now
    )
    buyer_user, _ = create_person(
        email="b@example.org", password="correct horse battery", name="Bea", country="ES", currency="EUR", now=now
    )
    stranger, _ = create_person(
        email="x@example.org", password="correct horse battery", name="Xan", country="ES", currency="EUR", now=now
    )
    operator, _ = create_person(
        email="o@example.org", password="correct horse battery", name="Op", country="ES", currency="EUR", now=now,
        is_operator=True,
    )  # fmt: skip
    p = open_purchase(now, sellers=[member(organisation.id)])
    submit(p, now)
    clients = {}
    for name, person in (("seller", user), ("stranger", stranger), ("operator", operator), ("buyer", buyer_user)):
        clients[name] = Client()
        clients[name].force_login(person)
    clients["anonymous"] = Client()
    return p, clients


def test_rest_for_the_seller_and_nobody_else(people, now):
    p, clients = people
    escrow = f"/api/v1/payments/escrows/{p.order_id}/"
    charge = f"/api/v1/payments/charges/{p.charge_id}/"
    codes = {who: (c.get(escrow).status_code, c.get(charge).status_code) for who, c in clients.items()}
    assert codes == {
        "seller": (200, 404), "stranger": (404, 404), "operator": (200, 200), "buyer": (404, 404),
        "anonymous": (401, 401),
    }  # fmt: skip
    data = clients["seller"].get(escrow).json()
    assert data["held"] == {"minor": 10_000, "currency": "EUR"}
    assert data["movements"][0]["code"] == "FUND"
    balances = clients["seller"].get("/api/v1/payments/balances/").json()
    assert balances[0]["held"]["minor"] == 10_000
    assert clients["stranger"].get("/api/v1/payments/balances/").json() == []


def test_rest_of_the_bank_account(people, now):
    _, clients = people
    url = "/api/v1/payments/payout-destination/"
    seller = clients["seller"]
    assert seller.get(url).status_code == 404
    put = seller.put(url, {"holder": "Sol", "iban": IBAN}, content_type="application/json")
    assert put.json()["iban_masked"] == "ES•• •••• 1332"
    assert IBAN not in seller.get(url).content.decode()
    wrong = seller.put(url, {"holder": "Sol", "iban": "ES00"}, content_type="application/json")
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "iban")
    assert clients["operator"].get(url).status_code == 404


def test_payouts_are_paged(people, now):
    p, clients = people
    destination(p.seller, now)
    release(p, now)
    page = clients["seller"].get("/api/v1/payments/payouts/").json()
    assert [row["payout_state"] for row in page["results"]] == ["REQUESTED"]


def test_balances_take_a_fixed_number_of_queries(now, django_assert_num_queries):
    p = paid_purchase(now)
    with django_assert_num_queries(3):
        facade.list_seller_balances(p.seller.organisation_id)
