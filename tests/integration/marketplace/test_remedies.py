"""A broken delivery promise gives money back by itself: once, never too much, never during a dispute."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.test import Client

from core.actor import Actor
from core.money import Money
from core.outbox import services as outbox
from logistics import facade as logistics
from logistics.carriers.ports import CarrierScan
from logistics.contracts import TrackingStatus
from logistics.tracking.services import ingest_scans
from marketplace.orders import services as orders
from marketplace.remedies import services
from marketplace.remedies.models import PromiseRemedy, RemedyTransition
from payments import facade as payments
from payments.adjustments.models import Adjustment
from tests import world
from tests.factories.trust import OPERATOR
from trust.contracts import DisputeReason, DisputeWish
from trust.disputes import services as disputes

CARRIER = Actor.carrier("test")
SYSTEM = Actor.system("promise")


@pytest.fixture
def order(real_database, now):
    """A delivered order."""
    seller, buyer = world.open_seller(now), world.person(now, name="Ana Buyer")
    made = world.buy(buyer, world.published(seller, now), now)
    orders.mark_delivered(order_id=made.id, delivered_at=now, kept_promise=False, actor=CARRIER, now=now)
    made.refresh_from_db()
    made.people = (buyer, seller)
    return made


def broken(order, now, *, days=1, share=5_000, liable="CARRIER"):
    services.remedy_promise(
        subject_id=order.id, days_late=days, share_bps=share, liable=liable, broken_at=now, actor=SYSTEM, now=now
    )
    return PromiseRemedy.objects.filter(order=order).first()


def shipping_back(order):
    return next(line.refunded for line in payments.list_escrow_lines(order.id) if line.ref == "shipping")


def test_the_carrier_was_late_so_the_platform_bears_it(order, now):
    remedy = broken(order, now)
    half = Money((order.shipping.minor + 1) // 2, "EUR")
    assert (remedy.state, remedy.paid, remedy.due_at) == ("PAID", half, None)
    assert shipping_back(order) == half
    given = Adjustment.objects.get(id=remedy.compensation_id)
    assert (given.seller_id, given.amount, given.order_id) == (order.seller_id, half, order.id)
    assert [row.to_state for row in remedy.transitions.all()] == ["DUE", "PAID"]


def test_the_seller_was_late_so_their_escrow_bears_it(order, now):
    remedy = broken(order, now, days=3, share=10_000, liable="SELLER")
    assert (remedy.paid, remedy.compensation_id) == (order.shipping, None)
    assert shipping_back(order) == order.shipping
    assert not Adjustment.objects.exists()


def test_it_happens_once(order, now):
    first = broken(order, now)
    again = broken(order, now, days=9, share=10_000)
    assert (again.id, again.share_bps) == (first.id, 5_000)
    assert len(payments.list_refunds([order.id])) == 1


def test_after_release_it_is_a_claim_on_the_seller(order, now):
    orders.confirm_receipt(order_id=order.id, actor=order.people[0].actor, now=now)
    remedy = broken(order, now, share=10_000, liable="SELLER")
    assert remedy.paid == order.shipping
    (refund,) = payments.list_refunds([order.id])
    assert (refund.from_escrow.minor, refund.amount) == (0, order.shipping)


def test_no_more_than_what_is_left_of_the_shipping(order, now):
    part = order.shipping - Money(100, "EUR")
    payments.refund(order_id=order.id, lines={"shipping": part}, reason="x", key="x", actor=OPERATOR, now=now)
    remedy = broken(order, now, share=10_000)
    assert (remedy.amount, remedy.paid) == (order.shipping, Money(100, "EUR"))
    assert shipping_back(order) == order.shipping


def test_nothing_left_is_closed(order, now):
    payments.refund(order_id=order.id, shipping=True, reason="x", key="x", actor=OPERATOR, now=now)
    remedy = broken(order, now)
    assert (remedy.state, remedy.paid.minor, remedy.compensation_id) == ("NOTHING_LEFT", 0, None)
    assert not Adjustment.objects.exists()


def test_during_a_dispute_it_waits(order, now):
    buyer, _seller = order.people
    dispute = disputes.open_dispute(
        order_id=order.id, reason=DisputeReason.DAMAGED, wish=DisputeWish.FULL_REFUND, description="Torn.",
        lines=[str(order.lines.first().id)], actor=buyer.actor, now=now,
    )  # fmt: skip
    assert (broken(order, now).state, shipping_back(order).minor) == ("DUE", 0)
    assert services.pay_due_remedies(now=now) == 0, "tried again in an hour"
    disputes.withdraw_dispute(dispute_id=dispute.id, actor=buyer.actor, now=now)
    assert services.pay_due_remedies(now=now + timedelta(hours=1)) == 1
    assert PromiseRemedy.objects.get().state == "PAID"
    assert services.pay_due_remedies(now=now + timedelta(days=9)) == 0


def test_a_dispute_without_end_closes_it(order, now):
    disputes.open_dispute(
        order_id=order.id, reason=DisputeReason.DAMAGED, wish=DisputeWish.FULL_REFUND, description="Torn.",
        lines=[str(order.lines.first().id)], actor=order.people[0].actor, now=now,
    )  # fmt: skip
    broken(order, now)
    services.pay_due_remedies(now=now + timedelta(days=200))
    assert PromiseRemedy.objects.get().state == "NOTHING_LEFT"


def test_strange_orders_and_a_share_of_nothing_change_nothing(order, now):
    broken(order, now, share=0)
    services.remedy_promise(
        subject_id=order.people[0].organisation_id, days_late=1, share_bps=5_000, liable="CARRIER", broken_at=now,
        actor=SYSTEM, now=now,
    )  # fmt: skip
    assert not PromiseRemedy.objects.exists()


def test_the_history_cannot_be_changed(order, now):
    broken(order, now)
    with pytest.raises(DatabaseError, match="append-only"):
        RemedyTransition.objects.update(reason="never")


def test_from_the_carriers_scan_to_the_buyers_money(real_database, now):
    """The whole way: a parcel that comes three days late pays its shipping back."""
    seller, buyer = world.open_seller(now), world.person(now)
    order = world.buy(buyer, world.published(seller, now), now)
    orders.book_shipment(order_id=order.id, actor=seller.actor, now=now)
    orders.hand_over(order_id=order.id, actor=seller.actor, now=now)
    shipment = logistics.find_shipment_for_order(order.id)
    late = now + timedelta(days=(shipment.promised_latest - now.date()).days + 3)
    scan = CarrierScan(
        carrier_code=shipment.carrier_code, carrier_number=shipment.carrier_number, event_id="end", code="X", text="",
        place="", status=TrackingStatus.DELIVERED, occurred_at=late,
    )  # fmt: skip
    ingest_scans(scans=[scan, scan], source="TEST", now=late)
    outbox.drain(now=late)
    remedy = PromiseRemedy.objects.get(order=order)
    assert (remedy.state, remedy.days_late, remedy.paid) == ("PAID", 3, order.shipping)
    outbox.drain(now=late)
    assert len(payments.list_refunds([order.id])) == 1


def test_pages_and_api(order, now, django_assert_max_num_queries):
    broken(order, now, share=10_000)
    type(order).objects.filter(id=order.id).update(promised_latest=now.date() - timedelta(days=2))
    buyer, seller, stranger = Client(), Client(), Client()
    buyer.force_login(order.people[0].user)
    seller.force_login(order.people[1].user)
    stranger.force_login(world.person(now).user)
    page = f"/orders/{order.id}/promise/"
    assert f'hx-get="{page}?panel=1"' in buyer.get(f"/orders/{order.id}/").content.decode()
    with django_assert_max_num_queries(12):
        shown = buyer.get(page).content.decode()
    assert "100 % of the delivery price" in shown
    assert "the platform gives you the same" in seller.get(f"{page}?panel=1").content.decode()
    api = buyer.get(f"/api/v1/orders/{order.id}/promise/").json()
    assert (api["remedy"]["remedy_state"], api["remedy"]["paid"]["minor"]) == ("PAID", order.shipping.minor)
    for client, code in ((stranger, 404), (Client(), 302)):
        assert client.get(page).status_code == code
    assert stranger.get(f"/api/v1/orders/{order.id}/promise/").status_code == 404
    told = Client().get("/promises/").content.decode()
    assert "When a promise is broken" in told
    assert "From 3 days late: 100 %" in told
