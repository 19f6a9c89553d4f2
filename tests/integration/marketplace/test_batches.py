"""The seller's work list: cut-offs, and doing something to many orders with a result for each."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.test import Client

from core.errors import InvalidInput
from logistics import facade as logistics
from marketplace.batches import services
from marketplace.batches.models import BatchRow, OrderBatch
from marketplace.contracts import OrderNotFound
from marketplace.orders import parcels
from marketplace.orders import services as orders
from marketplace.orders.models import Order
from marketplace.orders.views import cut_off
from tests import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(now):
    """A seller with three paid orders."""
    seller, buyer = world.open_seller(now), world.person(now)
    listing = world.published(seller, now)
    made = []
    for _ in range(3):
        world.fill_cart(buyer, {listing.id: 2}, now)
        purchase = world.place(buyer, now)
        world.pay_purchase(
            purchase=purchase, method_token="tok_approve", return_url="http://t/", actor=buyer.actor, now=now
        )
        made.append(purchase.orders.get())
    return SimpleNamespace(user=seller.user, actor=seller.actor, orders=made)


def client_of(person):
    client = Client()
    client.force_login(person.user)
    return client


def run(seller, action, order_ids, now):
    batch = services.start_batch(action=action, order_ids=order_ids, actor=seller.actor, now=now)
    services.run_batch(batch_id=batch.id, now=now)
    return {row.order_id: row for row in BatchRow.objects.filter(batch=batch)}


def test_labels_for_all_and_a_reason_for_the_one_that_cannot(shop, now):
    first, second, third = shop.orders
    orders.cancel_order(order_id=third.id, reason="", actor=shop.actor, now=now)
    rows = run(shop, "LABELS", [first.id, second.id, third.id], now)
    assert [rows[one.id].result for one in shop.orders] == ["DONE", "DONE", "REFUSED"]
    shipment = logistics.find_shipment_for_order(first.id)
    assert rows[first.id].note == shipment.tracking_number
    assert rows[third.id].note
    again = run(shop, "LABELS", [first.id], now)
    assert again[first.id].note == shipment.tracking_number, "twice is the same label"


def test_hand_over_whole_and_in_parts(shop, now):
    first, second, _third = shop.orders
    orders.book_shipment(order_id=first.id, actor=shop.actor, now=now)
    parcel = parcels.pack_parcel(order_id=second.id, pieces={second.lines.get().id: 1}, actor=shop.actor, now=now)
    rows = run(shop, "HAND_OVER", [one.id for one in shop.orders], now)
    assert [rows[one.id].result for one in shop.orders] == ["DONE", "DONE", "REFUSED"]
    assert logistics.find_shipment_for_order(first.id).handover_declared_at == now
    assert logistics.find_shipment_for_order(parcel.id).handover_declared_at == now


def test_a_batch_is_run_once(shop, now):
    batch = services.start_batch(action="LABELS", order_ids=[shop.orders[0].id], actor=shop.actor, now=now)
    assert services.run_batch(batch_id=batch.id, now=now) == 1
    assert services.run_batch(batch_id=batch.id, now=now) == 0
    batch.refresh_from_db()
    assert batch.finished_at == now


@pytest.mark.parametrize(("action", "count"), [("LABELS", 0), ("LABELS", 101), ("EAT", 1)])
def test_bad_input(shop, now, action, count):
    with pytest.raises(InvalidInput):
        services.start_batch(action=action, order_ids=[uuid4() for _ in range(count)], actor=shop.actor, now=now)


def test_another_shops_orders_are_not_there(shop, now):
    other = world.open_seller(now)
    ids = [one.id for one in shop.orders]
    with pytest.raises(OrderNotFound):
        services.start_batch(action="LABELS", order_ids=ids, actor=other.actor, now=now)
    assert client_of(other).post("/sell/orders/packing-slips/", {"order": ids}).status_code == 404
    assert client_of(other).post("/sell/orders/batches/", {"order": ids, "action": "LABELS"}).status_code == 404
    batch = services.start_batch(action="LABELS", order_ids=ids, actor=shop.actor, now=now)
    assert client_of(other).get(f"/sell/orders/batches/{batch.id}/").status_code == 404
    assert client_of(other).get(f"/api/v1/order-batches/{batch.id}/").status_code == 404


def test_pages(shop, now):
    client, ids = client_of(shop), [str(one.id) for one in shop.orders]
    slips = client.post("/sell/orders/packing-slips/", {"order": ids})
    assert slips.content.startswith(b"%PDF")
    assert client.post("/sell/orders/packing-slips/", {"order": "x"}).status_code == 404
    started = client.post("/sell/orders/batches/", {"order": ids, "action": "LABELS"})
    batch = OrderBatch.objects.get()
    assert "0 of 3 done" in client.get(started.url).content.decode()
    services.run_batch(batch_id=batch.id, now=now)
    page = client.get(started.url).content.decode()
    assert "3 of 3 done" in page
    assert "Print all labels" in page
    assert client.post("/sell/orders/batches/", {"action": "LABELS"}).url == "/sell/orders/"


def test_api(shop):
    client, ids = client_of(shop), [str(one.id) for one in shop.orders]
    kinds = {"content_type": "application/json", "headers": {"Idempotency-Key": "key-of-mine"}}
    made = client.post("/api/v1/order-batches/", {"batch_action": "LABELS", "orders": ids}, **kinds)
    assert made.status_code == 201
    assert (
        client.post("/api/v1/order-batches/", {"batch_action": "LABELS", "orders": ids}, **kinds).json() == made.json()
    )
    assert len(client.get(f"/api/v1/order-batches/{made.json()['id']}/").json()["rows"]) == 3


def test_deadlines_as_one_says_them(now):
    noon = now.replace(hour=10, minute=0)
    assert "today" in cut_off(noon + timedelta(hours=3), noon)
    assert "tomorrow" in cut_off(noon + timedelta(days=1), noon)
    assert "Overdue" in cut_off(noon - timedelta(minutes=1), noon)
    assert "Ship by" in cut_off(noon + timedelta(days=5), noon)


def test_the_work_list_by_deadline(shop, now):
    client, (first, second, _third) = client_of(shop), shop.orders
    Order.objects.filter(id=first.id).update(ship_by=now - timedelta(days=400))
    Order.objects.filter(id=second.id).update(ship_by=now + timedelta(days=4000))
    overdue = client.get("/sell/orders/?due=overdue").content.decode()
    later = client.get("/sell/orders/?due=later").content.decode()
    assert (first.number in overdue, second.number in overdue) == (True, False)
    assert (first.number in later, second.number in later) == (False, True)
