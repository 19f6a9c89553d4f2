"""Placing and paying costs a fixed number of queries and the same few for each further seller."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import world

pytestmark = pytest.mark.django_db
ADDRESS = {"name": "Ana", "street": "Calle Mayor 1", "city": "Valencia", "postcode": "46003", "country": "ES"}
MOST_PER_SELLER = 6


def send(client, path, body):
    answer = client.post(path, body, content_type="application/json", headers={"Idempotency-Key": str(uuid4())})
    assert answer.status_code < 300, answer.content
    return answer.json()


def checkout(client, buyer, goods, now):
    """Queries of quoting, placing and paying a cart of these goods."""
    world.fill_cart(buyer, {listing.id: 1 for listing in goods}, now)
    with CaptureQueriesContext(connection) as queries:
        quotes = client.post("/api/v1/cart/quotes/", {"address": ADDRESS}, content_type="application/json").json()
        delivery = {one["seller_id"]: one["options"][0]["service_code"] for one in quotes["sellers"]}
        placed = send(client, "/api/v1/purchases/", {"address": ADDRESS, "delivery": delivery})
        paid = send(client, f"/api/v1/purchases/{placed['id']}/payment/", {"method_token": "tok_approve"})
    assert paid["charge_state"] == "CAPTURED"
    assert len(placed["orders"]) == len(goods)
    return len(queries)


def test_one_three_and_five_sellers(now):
    buyer = world.person(now)
    client = Client()
    client.force_login(buyer.user)
    goods = [world.published(world.open_seller(now), now, stock=50) for _ in range(5)]
    checkout(client, buyer, goods[:1], now)  # prepared statements, rates and policies are read once
    one, three, five = (checkout(client, buyer, goods[:n], now) for n in (1, 3, 5))
    assert five - three == three - one, (one, three, five)
    assert (five - one) / 4 <= MOST_PER_SELLER, (one, three, five)
