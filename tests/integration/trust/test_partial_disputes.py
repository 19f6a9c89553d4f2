"""Disputes about some lines: the rest goes on, and the order follows the money."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.test import Client

from core.actor import Actor
from core.errors import InvalidInput
from core.outbox import services as outbox
from marketplace.contracts import OrderNotFound, OrderState
from marketplace.orders import services as orders
from marketplace.orders.models import Order
from marketplace.orders.selectors import orders_of_purchase
from payments import facade as payments
from payments.contracts import EscrowState, UnknownLine
from payments.ledger.models import Attestation
from tests import world
from tests.factories.trust import OPERATOR
from tests.integration.trust.test_disputes import picture
from trust.contracts import DisputeReason, DisputeState, DisputeWish
from trust.disputes import services
from trust.disputes.evidence import add_evidence
from trust.disputes.models import Dispute

CARRIER = Actor.carrier("test")


@dataclass
class Deal:
    seller: world.Person
    buyer: world.Person
    order: Order

    @property
    def refs(self) -> list[str]:
        return [str(line.id) for line in self.order.lines.order_by("id")]

    def state(self) -> str:
        self.order.refresh_from_db()
        return self.order.state

    def dispute(self, *lines, now):
        return services.open_dispute(
            order_id=self.order.id, reason=DisputeReason.DAMAGED, wish=DisputeWish.FULL_REFUND, description="Torn.",
            lines=list(lines), actor=self.buyer.actor, now=now,
        )  # fmt: skip


@pytest.fixture
def deal(real_database, now):
    """A delivered order with two lines and shipping."""
    seller, buyer = world.open_seller(now), world.person(now, name="Ana Buyer")
    one, two = world.published(seller, now), world.published(seller, now, title="Napkins")
    world.fill_cart(buyer, {one.id: 1, two.id: 2}, now)
    purchase = world.place(buyer, now)
    world.pay(buyer, purchase, now)
    made = Deal(seller, buyer, orders_of_purchase(purchase.id)[0])
    orders.mark_delivered(order_id=made.order.id, delivered_at=now, kept_promise=True, actor=CARRIER, now=now)
    made.order.refresh_from_db()
    return made


def decide(dispute, refund, now):
    return services.decide_dispute(
        dispute_id=dispute.id, refund=refund, seller_at_fault=True, reason="The photos show it.", actor=OPERATOR, now=now
    )  # fmt: skip


def test_a_partial_dispute_decided_in_full_does_not_mark_the_order_refunded(deal, now):
    """The defect: the order was REFUNDED for good while the rest was still released to the seller later."""
    dispute = deal.dispute(deal.refs[0], now=now)
    assert dispute.amount < deal.order.total
    decide(dispute, dispute.amount, now)
    outbox.drain(now=now)
    assert deal.state() == OrderState.DELIVERED
    later = now + timedelta(days=40)
    payments.run_due_work(now=later)
    outbox.drain(now=later)
    escrow = payments.get_escrow(deal.order.id)
    assert (escrow.state, escrow.refunded) == (EscrowState.RELEASED, dispute.amount)
    assert escrow.released == deal.order.total - dispute.amount
    assert deal.state() == OrderState.COMPLETED


def test_nobody_decides_a_partial_dispute_and_the_order_goes_on(deal, now):
    dispute = deal.dispute(deal.refs[0], now=now)
    late = now + timedelta(days=15)
    payments.run_due_work(now=late)
    outbox.drain(now=late)
    dispute.refresh_from_db()
    assert (dispute.state, dispute.refunded) == (DisputeState.DECIDED, dispute.amount)
    assert deal.state() == OrderState.DELIVERED


def test_the_rest_is_released_while_a_line_is_disputed_and_the_end_is_complete(deal, now):
    dispute = deal.dispute(deal.refs[0], now=now)
    orders.release_lines(
        order_id=deal.order.id, lines=[deal.refs[1], "shipping"], actor=deal.buyer.actor, now=now
    )  # fmt: skip
    assert deal.state() == OrderState.DISPUTED
    escrow = payments.get_escrow(deal.order.id)
    assert escrow.held == escrow.frozen_amount == dispute.amount
    decide(dispute, dispute.amount, now)
    outbox.drain(now=now)
    assert payments.get_escrow(deal.order.id).state is EscrowState.SETTLED
    assert deal.state() == OrderState.COMPLETED


def test_a_dispute_on_the_way_goes_back_to_on_its_way(real_database, now):
    seller, buyer = world.open_seller(now), world.person(now)
    order = world.buy(buyer, world.published(seller, now), now)
    orders.mark_shipped(order_id=order.id, shipped_at=now, actor=CARRIER, now=now)
    made = Deal(seller, buyer, order)
    dispute = made.dispute(made.refs[0], now=now)
    services.withdraw_dispute(dispute_id=dispute.id, actor=buyer.actor, now=now)
    assert made.state() == OrderState.SHIPPED
    dispute = made.dispute(made.refs[0], now=now)
    services.accept_refund(dispute_id=dispute.id, actor=seller.actor, now=now)
    assert made.state() == OrderState.SHIPPED, "the shipping is still held"
    orders.mark_delivered(order_id=order.id, delivered_at=now, kept_promise=True, actor=CARRIER, now=now)
    assert made.state() == OrderState.DELIVERED
    assert payments.get_escrow(order.id).release_at is not None


def test_a_line_that_is_gone_or_unknown_cannot_be_disputed(deal, now):
    orders.release_lines(order_id=deal.order.id, lines=deal.refs[:1], actor=deal.buyer.actor, now=now)
    for ref in (deal.refs[0], "nonsense"):
        with pytest.raises(UnknownLine):
            deal.dispute(ref, now=now)
    with pytest.raises(InvalidInput):
        deal.dispute(now=now)
    assert not Dispute.objects.exists()
    assert deal.state() == OrderState.DELIVERED


def test_the_last_line_released_completes_the_order_and_pays_once(deal, now):
    for ref in (*deal.refs, "shipping"):
        orders.release_lines(order_id=deal.order.id, lines=[ref], actor=deal.buyer.actor, now=now)
    assert deal.state() == OrderState.COMPLETED
    outbox.drain(now=now)
    escrow = payments.get_escrow(deal.order.id)
    assert (escrow.state, escrow.released) == (EscrowState.RELEASED, deal.order.total)
    assert deal.state() == OrderState.COMPLETED


def test_only_the_buyer_releases_lines(deal, now):
    stranger = world.person(now)
    for actor in (deal.seller.actor, stranger.actor):
        with pytest.raises(OrderNotFound):
            orders.release_lines(order_id=deal.order.id, lines=deal.refs, actor=actor, now=now)


def test_the_buyers_and_the_sellers_pages(deal, now):
    buyer, seller = Client(), Client()
    buyer.force_login(deal.buyer.user)
    seller.force_login(deal.seller.user)
    page = f"/orders/{deal.order.id}/"
    assert 'name="lines"' in buyer.get(page).content.decode()
    assert 'name="lines"' not in seller.get(page).content.decode()
    assert seller.post(f"{page}releases/", {"lines": deal.refs}).status_code == 404
    assert buyer.post(f"{page}releases/", {"lines": [deal.refs[1]]}).status_code == 302
    form = buyer.get(f"{page}dispute/").content.decode()
    assert deal.refs[0] in form
    assert deal.refs[1] not in form, "released already"
    answer = buyer.post(
        f"{page}dispute/",
        {"reason": "DAMAGED", "wish": "FULL_REFUND", "description": "Torn.", "lines": [deal.refs[0]]},
    )
    assert answer.status_code == 302
    dispute = Dispute.objects.get()
    assert dispute.lines == [deal.refs[0]]
    for client in (buyer, seller):
        assert "About:" in client.get(f"{page}dispute/").content.decode()
        assert "Of it" in client.get(page).content.decode()
    seller.post(f"{page}dispute/acceptance/")
    assert deal.state() == OrderState.DELIVERED


def test_the_api_disputes_lines_and_releases(deal, now):
    buyer = Client()
    buyer.force_login(deal.buyer.user)
    api, key = f"/api/v1/orders/{deal.order.id}/", {"Idempotency-Key": "k-0000001"}
    for _ in range(2):
        released = buyer.post(
            f"{api}releases/", {"lines": [deal.refs[1]]}, content_type="application/json", headers=key
        )
        assert released.status_code == 200, released.content
    assert released.json()["escrow"]["released"]["minor"] > 0
    body = {
        "order_id": str(deal.order.id), "dispute_reason": "DAMAGED", "dispute_wish": "FULL_REFUND",
        "description": "Torn.", "lines": [deal.refs[0]],
    }  # fmt: skip
    key = {"Idempotency-Key": "k-0000004"}
    made = buyer.post("/api/v1/disputes/", body, content_type="application/json", headers=key)
    assert made.status_code == 201, made.content
    assert made.json()["lines"] == [deal.refs[0]]


def test_a_decision_is_chained_with_the_money(deal, now):
    dispute = deal.dispute(deal.refs[0], now=now)
    decide(dispute, dispute.amount, now)
    assert Attestation.objects.filter(kind="DISPUTE_DECISION", ref=str(dispute.id)).count() == 1
    decide(dispute, dispute.amount, now)
    assert Attestation.objects.filter(kind="DISPUTE_DECISION").count() == 1


def test_evidence_is_downloaded_over_the_api_by_the_parties_only(deal, now):
    dispute = deal.dispute(deal.refs[0], now=now)
    kept = add_evidence(dispute_id=dispute.id, upload=picture(), actor=deal.buyer.actor, now=now)
    url = f"/api/v1/disputes/{dispute.id}/evidence/{kept.id}/"
    for person, code in ((deal.buyer, 200), (deal.seller, 200), (world.person(now), 404)):
        client = Client()
        client.force_login(person.user)
        answer = client.get(url)
        assert answer.status_code == code
        if code == 200:
            assert answer["Content-Disposition"].startswith("attachment")
            assert b"".join(answer.streaming_content)
    assert Client().get(url).status_code in {401, 403}
