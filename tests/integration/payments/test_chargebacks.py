"""Chargebacks: money taken at once, evidence, verdicts; news in any order; who bears what."""

import itertools
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from core.events.payments import ChargebackOpened
from core.ids import new_id
from core.models import EventRecord
from core.webhooks.audience import audience_of
from payments import facade
from payments.chargebacks import evidence, services
from payments.chargebacks.models import Chargeback, ChargebackPolicy, ChargebackShare, EvidencePack
from payments.chargebacks.states import TRANSITIONS, ChargebackAction
from payments.contracts import (
    ChargebackClosed,
    ChargebackNotFound,
    ChargebackState,
    DeliveryKind,
    EscrowState,
    EscrowTransitionRefused,
    EvidenceParcel,
    OrderEvidence,
    RefundDuringDispute,
)
from payments.escrow.models import Refund
from payments.escrow.timers import run_due_timers
from payments.ledger.rules import AccountCode
from payments.ledger.selectors import balance, owed_to
from payments.providers import disputes
from payments.providers.models import SandboxDispute, SandboxIntent, SandboxWebhook
from payments.providers.port import DisputeStatus, ProviderDispute
from payments.providers.signatures import HEADER, sign
from payments.refunds import submission
from tests.factories.payments import (
    CARRIER,
    OPERATOR,
    deliver_webhooks,
    eur,
    member,
    open_purchase,
    paid_purchase,
    submit,
)

pytestmark = pytest.mark.django_db
S, C, D = EscrowState, ChargebackState, DisputeStatus


def settled():
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    call_command("verify_ledger")


def news(p, now, status=D.NEEDS_RESPONSE, minor=10_000, ref="dp_1", fee=2_000):
    services.record_dispute(
        provider="sandbox", charge_id=p.charge_id, now=now,
        dispute=ProviderDispute(
            ref=ref, charge_ref=str(p.charge_id), status=status, amount=eur(minor), fee=eur(fee), reason="fraud",
            due_by=now + timedelta(days=7), opened_at=now,
        ),
    )  # fmt: skip


def deliver(p, now, order=None):
    facade.mark_delivered(
        order_id=order or p.order_id, delivery_kind=DeliveryKind.POST, delivered_at=now, actor=CARRIER, now=now
    )


def released(p, now, order=None):
    deliver(p, now, order)
    facade.confirm_receipt(order_id=order or p.order_id, actor=p.buyer, now=now)


def seller_account(p, kind, seller=None):
    return abs(balance(kind, str((seller or p.seller).organisation_id), "EUR").minor)


class Known:
    """What the modules above would tell."""

    def __init__(self, delivered_at):
        self.delivered_at = delivered_at

    def collect(self, order_id):
        parcel = EvidenceParcel("Post", "X1", self.delivered_at, ((self.delivered_at, "Handed to <the> door"),))
        return OrderEvidence(
            order_id=order_id, number="LJ-1", seller_name="S", buyer_name="B", placed_at=self.delivered_at,
            paid_at=None, total=eur(10_000), lines=(("Cup & saucer", 1, eur(10_000)),), delivery_address="Street 1",
            parcels=(parcel,), messages=((self.delivered_at, "BUYER", "Thanks!"),),
        )  # fmt: skip


@pytest.fixture
def known(now):
    plugged = evidence._source
    evidence.plug_evidence_source(Known(now))
    yield
    evidence._source = plugged


def test_money_in_escrow_is_used_first_and_comes_back_when_won(now):
    p = paid_purchase(now)
    deliver(p, now)
    news(p, now + timedelta(days=10))
    view = facade.get_escrow(p.order_id)
    assert (view.state, view.frozen_amount, view.charged_back) == (S.DISPUTED, eur(10_000), True)
    assert balance(AccountCode.PSP_CLEARING, "", "EUR") == eur(-2_000)
    assert run_due_timers(now=now + timedelta(days=60)) == 0  # nothing goes while the bank decides
    settled()
    news(p, now + timedelta(days=70), D.WON)
    view = facade.get_escrow(p.order_id)
    assert (view.state, view.held, view.release_at) == (S.DELIVERED, eur(10_000), now + timedelta(days=90))
    assert balance(AccountCode.CHARGEBACK_DUE, str(p.order_id), "EUR") == eur(0)
    assert balance(AccountCode.PSP_FEES, "", "EUR") == eur(2_000)
    settled()


def test_lost_with_money_in_escrow_costs_the_seller_only_the_fee(now):
    p = paid_purchase(now)
    news(p, now)
    news(p, now, D.LOST)
    view = facade.get_escrow(p.order_id)
    assert (view.state, view.refunded) == (S.REFUNDED, eur(10_000))
    assert seller_account(p, AccountCode.SELLER_DEBT) == 2_000  # by policy
    assert Refund.objects.get().state == "DONE"
    assert submission.submit_due_refunds(now=now + timedelta(days=1)) == 0  # the bank has paid the buyer already
    settled()


def test_lost_after_everything_was_refunded_is_the_platforms_with_the_fee(now):
    p = paid_purchase(now)
    facade.refund(order_id=p.order_id, reason="Sorry", key="all", actor=OPERATOR, now=now)
    news(p, now)
    news(p, now, D.LOST)
    assert Chargeback.objects.get().state == "LOST"
    assert balance(AccountCode.CHARGEBACK_LOSS, "", "EUR") == eur(10_000)
    assert balance(AccountCode.PSP_FEES, "", "EUR") == eur(2_000)
    assert seller_account(p, AccountCode.SELLER_DEBT) == 0
    settled()


def test_after_payout_the_loss_follows_the_waterfall_and_commission_goes_back(now):
    p = paid_purchase(now)
    released(p, now)
    news(p, now)
    assert seller_account(p, AccountCode.SELLER_PAYABLE) == 0
    assert facade.seller_balance(p.seller.organisation_id, "EUR").disputed == eur(9_240)
    with pytest.raises(RefundDuringDispute):
        facade.refund(order_id=p.order_id, reason="x", key="k", actor=p.seller, now=now)
    news(p, now, D.LOST)
    assert owed_to(AccountCode.FEE_REVENUE, "", "EUR") == eur(0)
    assert seller_account(p, AccountCode.SELLER_DEBT) == 2_000
    assert facade.seller_balance(p.seller.organisation_id, "EUR").disputed == eur(0)
    settled()


def test_won_after_release_gives_the_seller_everything_back(now):
    p = paid_purchase(now)
    released(p, now)
    news(p, now)
    news(p, now, D.WON)
    assert seller_account(p, AccountCode.SELLER_PAYABLE) == 9_240
    settled()


def test_the_platform_bears_it_where_the_policy_says_so(now):
    ChargebackPolicy.objects.create(currency="EUR", seller_bears=False, seller_pays_fee=False)
    p = paid_purchase(now)
    released(p, now)
    news(p, now)
    news(p, now, D.LOST)
    assert seller_account(p, AccountCode.SELLER_PAYABLE) == 9_240
    assert balance(AccountCode.CHARGEBACK_LOSS, "", "EUR") == eur(10_000)
    settled()


def test_one_charge_with_many_sellers_is_shared_to_the_cent_and_leaves_refunded_money_out(now):
    p = paid_purchase(now, amounts=(3_333, 3_333, 3_334))
    released(p, now)
    facade.refund(order_id=p.orders[2], reason="x", key="k", actor=p.sellers[2], now=now)
    news(p, now, minor=5_001)
    shares = dict(ChargebackShare.objects.values_list("order_id", "amount_minor"))
    assert shares == {p.orders[0]: 2_501, p.orders[1]: 2_500}
    news(p, now, D.LOST)
    settled()


def test_a_parcel_that_moves_on_after_the_bank_took_the_money_changes_nothing(now):
    """The carrier's scans may be heard before the order knows that its money is gone."""
    p = paid_purchase(now)
    news(p, now)
    news(p, now, D.LOST)
    assert facade.get_escrow(p.order_id).state is S.REFUNDED
    facade.mark_shipped(order_id=p.order_id, actor=CARRIER, now=now)
    deliver(p, now)
    assert facade.get_escrow(p.order_id).state is S.REFUNDED
    settled()


def test_a_webhook_tells_each_seller_its_own_part_only(now):
    p = paid_purchase(now, amounts=(3_000, 1_000))
    news(p, now, minor=4_000)
    row = Chargeback.objects.get()
    sellers = tuple(seller.organisation_id for seller in p.sellers)
    event = ChargebackOpened(
        chargeback_id=row.id, charge_id=row.charge_id, order_ids=tuple(p.orders), seller_ids=sellers,
        amount=eur(4_000), at=now, reason="fraud", due_by=None,
    )  # fmt: skip
    heard = audience_of(event)
    assert {org: own.amount for org, own in heard.items()} == {sellers[0]: eur(3_000), sellers[1]: eur(1_000)}
    for seller, order in zip(sellers, p.orders, strict=True):
        assert (heard[seller].seller_ids, heard[seller].order_ids) == ((seller,), (order,))


def test_more_than_is_left_is_nobodys_part_but_ours(now):
    p = paid_purchase(now)
    facade.refund(order_id=p.order_id, amount=eur(4_000), reason="x", key="k", actor=p.seller, now=now)
    news(p, now)  # the buyer was refunded and went to the bank for everything
    assert Chargeback.objects.get().excess_minor == 4_000
    news(p, now, D.LOST)
    assert balance(AccountCode.CHARGEBACK_LOSS, "", "EUR") == eur(4_000)
    settled()


def test_a_partial_chargeback_leaves_the_rest_of_the_order_alone(now):
    p = paid_purchase(now)
    deliver(p, now)
    news(p, now, minor=4_000)
    news(p, now + timedelta(days=1), D.LOST, minor=4_000)
    view = facade.get_escrow(p.order_id)
    assert (view.state, view.held, view.release_at) == (S.DELIVERED, eur(6_000), now + timedelta(days=31))
    assert run_due_timers(now=now + timedelta(days=31)) == 1
    settled()


def test_an_open_dispute_stays_open_behind_the_bank(now):
    p = paid_purchase(now)
    deliver(p, now)
    facade.freeze_escrow(order_id=p.order_id, reason="x", amount=eur(7_000), actor=p.buyer, now=now)
    news(p, now)
    with pytest.raises(EscrowTransitionRefused):
        facade.decide_escrow(order_id=p.order_id, refund=eur(1), reason="x", actor=OPERATOR, now=now)
    with pytest.raises(EscrowTransitionRefused):
        facade.unfreeze_escrow(order_id=p.order_id, reason="x", actor=p.buyer, now=now)
    news(p, now, D.WON)
    view = facade.get_escrow(p.order_id)
    assert (view.state, view.frozen_amount, view.charged_back) == (S.DISPUTED, eur(7_000), False)
    facade.decide_escrow(order_id=p.order_id, refund=eur(7_000), reason="x", actor=OPERATOR, now=now)
    assert facade.get_escrow(p.order_id).held == eur(3_000)
    settled()


@pytest.mark.parametrize("order", list(itertools.permutations([D.NEEDS_RESPONSE, D.UNDER_REVIEW, D.WON])))
def test_duplicate_and_reordered_news_end_the_same(now, order):
    p = paid_purchase(now)
    released(p, now)
    for status in (*order, *order):
        news(p, now, status)
    assert Chargeback.objects.get().state == C.WON
    assert seller_account(p, AccountCode.SELLER_PAYABLE) == 9_240
    names = list(EventRecord.objects.values_list("name", flat=True))
    assert (names.count("payments.chargeback.opened.v1"), names.count("payments.chargeback.won.v1")) == (1, 1)
    settled()


def test_an_inquiry_moves_no_money_until_it_becomes_a_chargeback(now):
    p = paid_purchase(now)
    news(p, now, D.WARNING_NEEDS_RESPONSE, fee=0)
    assert facade.get_escrow(p.order_id).state is S.FUNDED
    news(p, now, D.WARNING_UNDER_REVIEW, fee=0)
    news(p, now, D.NEEDS_RESPONSE)
    assert facade.get_escrow(p.order_id).charged_back
    news(p, now, D.WARNING_CLOSED)  # old news
    assert Chargeback.objects.get().state == C.NEEDS_RESPONSE
    assert balance(AccountCode.PSP_FEES, "", "EUR") == eur(2_000)
    settled()


def test_webhook_before_the_api_answer_is_sent_again_until_we_know_the_charge(now, client):
    p = open_purchase(now)
    from payments.providers import network

    network.create_intent(
        idempotency_key=str(p.charge_id), amount=eur(10_000), method_token="tok_approve", return_url="", now=now
    )
    SandboxWebhook.objects.all().delete()
    disputes.open_dispute(intent=SandboxIntent.objects.get(), now=now)
    assert deliver_webhooks(now) == 0
    submit(p, now)
    assert deliver_webhooks(now + timedelta(minutes=5)) >= 1
    assert Chargeback.objects.get().state == C.NEEDS_RESPONSE
    settled()


def test_evidence_goes_by_itself_before_the_due_date_and_wins_with_a_delivery(now, known):
    p = open_purchase(now)
    submit(p, now, "tok_chargeback")
    released(p, now)
    opened = now + timedelta(minutes=2)
    deliver_webhooks(opened)
    row = Chargeback.objects.get()
    services.add_statement(chargeback_id=row.id, text="It arrived.", actor=p.seller, now=opened)
    assert evidence.submit_due_evidence(now=opened) == 0
    later = now + timedelta(days=5, hours=1)
    assert evidence.submit_due_evidence(now=later) == 1
    assert evidence.submit_due_evidence(now=later) == 0
    pack = EvidencePack.objects.get()
    assert bytes(pack.document).startswith(b"%PDF")
    assert (pack.facts["statements"], pack.facts["delivered_at"]) == (["It arrived."], now.isoformat())
    assert SandboxDispute.objects.get().evidence["chargeback"] == row.provider_ref
    with pytest.raises(ChargebackClosed):
        services.add_statement(chargeback_id=row.id, text="More.", actor=p.seller, now=later)
    deliver_webhooks(later + timedelta(days=2))
    assert Chargeback.objects.get().state == C.WON
    deliver_webhooks(later + timedelta(days=30))
    assert seller_account(p, AccountCode.SELLER_PAYABLE) == 9_240
    settled()


def test_silence_loses(now):
    p = open_purchase(now)
    submit(p, now, "tok_chargeback")
    deliver_webhooks(now + timedelta(minutes=2))
    deliver_webhooks(now + timedelta(days=7))
    assert Chargeback.objects.get().state == C.LOST
    settled()


def test_a_provider_that_does_not_answer_is_asked_again(now, known, monkeypatch):
    from payments.providers import sandbox
    from payments.providers.port import ProviderTimeout

    p = paid_purchase(now)
    disputes.open_dispute(intent=SandboxIntent.objects.get(), now=now)
    deliver_webhooks(now)
    row = Chargeback.objects.get()

    def silent(self, **_):
        raise ProviderTimeout("no answer")

    with monkeypatch.context() as patch:
        patch.setattr(sandbox.SandboxProvider, "submit_evidence", silent)
        evidence.submit_evidence(chargeback_id=row.id, actor=OPERATOR, now=now)
    row.refresh_from_db()
    assert (row.state, row.last_error) == (C.NEEDS_RESPONSE, "no answer")
    assert evidence.submit_due_evidence(now=now + timedelta(hours=1)) == 1
    row.refresh_from_db()
    assert row.state == C.UNDER_REVIEW
    assert p.charge_id == row.charge_id


def test_strangers_know_nothing_of_it(now):
    p = paid_purchase(now)
    news(p, now)
    row = Chargeback.objects.get()
    for stranger in (member(new_id()), p.buyer):
        with pytest.raises(ChargebackNotFound):
            services.add_statement(chargeback_id=row.id, text="x", actor=stranger, now=now)


@pytest.mark.parametrize("state", list(C))
def test_every_pair_of_chargeback_state_and_action(state):
    from core.errors import TransitionRefused
    from core.states import next_state

    for action in ChargebackAction:
        if (state, action) not in TRANSITIONS:
            with pytest.raises(TransitionRefused):
                next_state(TRANSITIONS, state, action)
    final = {C.WON, C.LOST, C.WARNING_CLOSED}
    assert (state in final) == (not [edge for edge in TRANSITIONS if edge[0] is state])


def test_a_forged_dispute_is_refused(now, client):
    body = b'{"id": "evt_1", "kind": "DISPUTE"}'
    response = client.post(
        "/webhooks/payments/sandbox/", data=body, content_type="application/json",
        headers={HEADER: sign(b"other", provider="sandbox", at=now)},
    )  # fmt: skip
    assert response.status_code == 400
