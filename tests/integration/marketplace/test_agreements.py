"""Made to order: asked, offered, agreed; then paid, shown and released step by step, with disputes about a step."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client

from core.errors import InvalidInput, TransitionRefused
from core.money import Money
from core.outbox import services as outbox
from core.states import is_allowed
from marketplace.agreements import services
from marketplace.agreements.models import Agreement, AgreementTransition
from marketplace.agreements.selectors import total_of
from marketplace.agreements.states import TRANSITIONS, AgreementAction
from marketplace.contracts import AgreementNotFound, AgreementState, AgreementStepInput, OwnGoods
from marketplace.tasks import agreement_letter_task
from payments import facade as payments
from payments.contracts import ChargeState, EscrowState, EscrowTransitionRefused, MilestoneTrigger
from tests import world
from tests.factories.trust import OPERATOR
from trust.disputes import services as disputes
from trust.disputes.models import Dispute

PLAN = [
    AgreementStepInput("Deposit", Money(3000, "EUR"), MilestoneTrigger.FUNDING),
    AgreementStepInput("Balance", Money(9000, "EUR"), MilestoneTrigger.ACCEPTANCE),
]
S = AgreementState


def scene(now):
    seller, buyer = world.open_seller(now), world.person(now, name="Ana Buyer")
    listing = world.published(seller, now)
    return seller, buyer, listing


def agreed(now):
    seller, buyer, listing = scene(now)
    made = services.request_agreement(listing_id=listing.id, wish="Three metres long.", actor=buyer.actor, now=now)
    services.propose_plan(agreement_id=made.id, terms="By May.", steps=PLAN, actor=seller.actor, now=now)
    services.accept_plan(agreement_id=made.id, expected_total=Money(12_000, "EUR"), actor=buyer.actor, now=now)
    made.refresh_from_db()
    return seller, buyer, made, [step.id for step in made.steps.all()]


def pay(made, step, buyer, now, token="tok_approve"):
    charge = services.pay_step(
        agreement_id=made.id, step_id=step, method_token=token, return_url="http://t/", actor=buyer.actor, now=now
    )
    outbox.drain(now=now)
    return charge


def test_from_wish_to_money(real_database, now):
    seller, buyer, made, (deposit, balance) = agreed(now)
    assert pay(made, deposit, buyer, now).state is ChargeState.CAPTURED
    assert payments.get_escrow(deposit).state is EscrowState.RELEASED, "a deposit goes as soon as it is paid"
    pay(made, balance, buyer, now)
    assert payments.get_escrow(balance).held == Money(9000, "EUR")
    services.prove_step(
        agreement_id=made.id, step_id=balance, proof="Pictures: 1, 2", actor=seller.actor, now=now
    )  # fmt: skip
    assert payments.get_escrow(balance).release_at is not None
    services.accept_step(agreement_id=made.id, step_id=balance, actor=buyer.actor, now=now)
    assert payments.get_escrow(balance).state is EscrowState.RELEASED
    assert [len(payments.list_order_documents(step)) for step in (deposit, balance)] == [1, 1]


def test_silence_after_the_proof_accepts(real_database, now):
    seller, buyer, made, (deposit, balance) = agreed(now)
    pay(made, deposit, buyer, now)
    pay(made, balance, buyer, now)
    services.prove_step(agreement_id=made.id, step_id=balance, proof="Done", actor=seller.actor, now=now)
    payments.run_due_work(now=now + timedelta(days=4))
    assert payments.get_escrow(balance).state is EscrowState.RELEASED


def test_steps_are_paid_in_order_once_and_again_after_a_decline(real_database, now):
    _seller, buyer, made, (deposit, balance) = agreed(now)
    with pytest.raises(EscrowTransitionRefused):
        pay(made, balance, buyer, now)
    assert pay(made, deposit, buyer, now, "tok_decline").state is ChargeState.FAILED
    first = pay(made, deposit, buyer, now)
    assert first.state is ChargeState.CAPTURED
    assert pay(made, deposit, buyer, now).charge_id == first.charge_id, "pressed twice"


def test_a_dispute_about_a_step_freezes_it_and_leaves_the_others(real_database, now):
    seller, buyer, made, (deposit, balance) = agreed(now)
    pay(made, deposit, buyer, now)
    pay(made, balance, buyer, now)
    client, page = Client(), f"/orders/{balance}/dispute/"
    client.force_login(buyer.user)
    assert client.get(page).status_code == 200
    answer = client.post(page, {"reason": "LATE", "wish": "FULL_REFUND", "description": "Nothing came."})
    assert answer.status_code == 302
    assert payments.get_escrow(balance).frozen_amount == Money(9000, "EUR")
    with pytest.raises(EscrowTransitionRefused):
        services.accept_step(agreement_id=made.id, step_id=balance, actor=buyer.actor, now=now)
    other = Client()
    other.force_login(world.person(now).user)
    assert other.get(page).status_code == 404
    dispute = Dispute.objects.get()
    disputes.decide_dispute(
        dispute_id=dispute.id, refund=dispute.amount, seller_at_fault=True, reason="Late.", actor=OPERATOR, now=now
    )
    outbox.drain(now=now)
    assert payments.get_escrow(balance).state is EscrowState.REFUNDED
    assert payments.get_escrow(deposit).state is EscrowState.RELEASED
    dispute.refresh_from_db()
    assert dispute.state == "DECIDED"
    assert seller.organisation_id == dispute.seller_id


@pytest.mark.django_db
def test_a_plan_that_changed_since_it_was_seen_is_not_accepted(now):
    seller, buyer, listing = scene(now)
    made = services.request_agreement(listing_id=listing.id, wish="Longer.", actor=buyer.actor, now=now)
    services.propose_plan(agreement_id=made.id, terms="By May.", steps=PLAN, actor=seller.actor, now=now)
    seen = total_of(made)
    dearer = [*PLAN, AgreementStepInput("Extra", Money(1, "EUR"), MilestoneTrigger.ACCEPTANCE)]
    services.propose_plan(agreement_id=made.id, terms="By May.", steps=dearer, actor=seller.actor, now=now)
    with pytest.raises(InvalidInput):
        services.accept_plan(agreement_id=made.id, expected_total=seen, actor=buyer.actor, now=now)
    assert Agreement.objects.get().state == S.PROPOSED


@pytest.mark.django_db
def test_only_the_right_side_may_do_each_thing(now):
    seller, buyer, listing = scene(now)
    stranger = world.person(now)
    with pytest.raises(OwnGoods):
        services.request_agreement(listing_id=listing.id, wish="x", actor=seller.actor, now=now)
    made = services.request_agreement(listing_id=listing.id, wish="x", actor=buyer.actor, now=now)
    for actor in (buyer.actor, stranger.actor):
        with pytest.raises(AgreementNotFound):
            services.propose_plan(agreement_id=made.id, terms="x", steps=PLAN, actor=actor, now=now)
    services.propose_plan(agreement_id=made.id, terms="x", steps=PLAN, actor=seller.actor, now=now)
    for actor in (seller.actor, stranger.actor):
        with pytest.raises(AgreementNotFound):
            services.accept_plan(agreement_id=made.id, expected_total=total_of(made), actor=actor, now=now)
    with pytest.raises(AgreementNotFound):
        services.close_agreement(agreement_id=made.id, reason="", actor=stranger.actor, now=now)
    services.accept_plan(agreement_id=made.id, expected_total=total_of(made), actor=buyer.actor, now=now)
    step = made.steps.first().id
    for act in (
        lambda who: services.pay_step(
            agreement_id=made.id, step_id=step, method_token=None, return_url="", actor=who, now=now
        ),
        lambda who: services.accept_step(agreement_id=made.id, step_id=step, actor=who, now=now),
    ):
        for actor in (seller.actor, stranger.actor):
            with pytest.raises(AgreementNotFound):
                act(actor)
    with pytest.raises(AgreementNotFound):
        services.prove_step(agreement_id=made.id, step_id=step, proof="x", actor=buyer.actor, now=now)
    with pytest.raises(TransitionRefused):
        services.close_agreement(agreement_id=made.id, reason="", actor=buyer.actor, now=now)


@pytest.mark.django_db
@pytest.mark.parametrize(("proposed", "by_buyer", "state"), [
    (False, True, S.WITHDRAWN), (False, False, S.DECLINED), (True, True, S.DECLINED), (True, False, S.WITHDRAWN),
])  # fmt: skip
def test_who_ends_it_is_said(now, proposed, by_buyer, state):
    seller, buyer, listing = scene(now)
    made = services.request_agreement(listing_id=listing.id, wish="x", actor=buyer.actor, now=now)
    if proposed:
        services.propose_plan(agreement_id=made.id, terms="x", steps=PLAN, actor=seller.actor, now=now)
    who = buyer.actor if by_buyer else seller.actor
    for _ in range(2):
        made = services.close_agreement(agreement_id=made.id, reason="No", actor=who, now=now)
    assert made.state == state
    assert AgreementTransition.objects.filter(to_state=state).count() == 1


def test_every_pair_of_states_is_as_drawn():
    allowed = {
        (state, action) for state, action in product(S, AgreementAction) if is_allowed(TRANSITIONS, state, action)
    }
    assert {state for state, _action in allowed} == {S.REQUESTED, S.PROPOSED}
    assert {action for state, action in allowed if state is S.REQUESTED} == set(AgreementAction) - {
        AgreementAction.ACCEPT
    }


def test_pages_and_api_of_both_sides(real_database, now):
    seller, buyer, listing = scene(now)
    shop, home = Client(), Client()
    shop.force_login(seller.user)
    home.force_login(buyer.user)
    assert "made to order" in home.get(f"/listings/{listing.id}/").content.decode()
    answer = home.post(f"/listings/{listing.id}/agreement/", {"wish": "Three metres long."})
    made = Agreement.objects.get()
    page = f"/agreements/{made.id}/"
    assert answer.url == page
    assert made.number in shop.get("/sell/agreements/").content.decode()
    bad = shop.post(f"{page}plan/", {"terms": "By May.", "name_1": "Deposit"})
    assert bad.status_code == 422
    plan = {
        "terms": "By May.", "name_1": "Deposit", "amount_1": "30", "trigger_1": "FUNDING", "name_2": "Balance",
        "amount_2": "90.00", "trigger_2": "ACCEPTANCE",
    }  # fmt: skip
    assert shop.post(f"{page}plan/", plan).status_code == 302
    assert home.post(f"{page}plan/", plan).status_code == 404
    text = home.get(page).content.decode()
    assert "Accept the plan" in text
    assert home.post(f"{page}acceptance/", {"total": "12000"}).status_code == 302
    deposit, balance = made.steps.all()
    pay_page = f"{page}steps/{deposit.id}/payment/"
    assert pay_page in home.get(page).content.decode()
    assert home.get(pay_page).status_code == 200
    hosted = home.post(pay_page).url
    assert "sandbox" in hosted
    back = home.post(hosted, {"number": "4242424242424242", "expiry": "12/40", "code": "123"})
    assert home.get(back.url).url == page
    outbox.drain(now=now + timedelta(days=3650))  # pages read the clock
    api = f"/api/v1{page}"
    body = {"method_token": "tok_approve", "return_url": "https://t.example/"}
    paid = home.post(
        f"{api}steps/{balance.id}/payment/", body, content_type="application/json",
        headers={"Idempotency-Key": str(uuid4())},
    )  # fmt: skip
    assert paid.status_code == 200, paid.content
    outbox.drain(now=now + timedelta(days=3650))  # pages read the clock
    assert 'name="proof"' in shop.get(page).content.decode()
    for side in (home, shop):
        assert "INV-" in side.get(f"/orders/{deposit.id}/documents/").content.decode()
    assert shop.post(f"{page}steps/{balance.id}/proof/", {"proof": "Done."}).status_code == 302
    released = home.post(f"{api}steps/{balance.id}/release/", headers={"Idempotency-Key": str(uuid4())})
    assert released.status_code == 200, released.content
    assert [step["escrow_state"] for step in released.json()["plan"]] == ["RELEASED", "RELEASED"]
    assert home.get("/api/v1/agreements/").json()["results"][0]["number"] == made.number
    assert shop.get("/api/v1/agreements/?role=seller").json()["results"][0]["number"] == made.number


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("occasion", "to"),
    [("REQUESTED", "seller"), ("PROPOSED", "buyer"), ("ACCEPTED", "seller"), ("CLOSED_BY_BUYER", "seller"),
     ("CLOSED_BY_SELLER", "buyer")],
)  # fmt: skip
def test_the_other_side_is_written_to(now, occasion, to):
    seller, buyer, listing = scene(now)
    made = services.request_agreement(listing_id=listing.id, wish="Three metres.", actor=buyer.actor, now=now)
    services.propose_plan(agreement_id=made.id, terms="By May.", steps=PLAN, actor=seller.actor, now=now)
    agreement_letter_task(str(made.id), occasion)
    assert [letter.to for letter in mail.outbox] == [[{"seller": seller, "buyer": buyer}[to].user.email]]
    assert f"/agreements/{made.id}/" in mail.outbox[0].body


@pytest.mark.django_db
def test_lists_cost_the_same_with_many(now, django_assert_max_num_queries):
    _seller, buyer, listing = scene(now)
    for _ in range(6):
        services.request_agreement(listing_id=listing.id, wish="x", actor=buyer.actor, now=now)
    client = Client()
    client.force_login(buyer.user)
    client.get("/agreements/")
    with django_assert_max_num_queries(9):
        client.get("/agreements/")
