"""What buyers and sellers do with their orders: buying again, gifts, lists to take along."""

from __future__ import annotations

import csv
import io

import pytest
from django.test import Client

from marketplace.carts.selectors import CartOwner, list_quantities
from marketplace.catalog import services as catalog
from marketplace.catalog.models import Stock
from marketplace.checkout.services import place_purchase
from marketplace.contracts import OrderNotFound, PlaceRequest
from marketplace.orders import selectors
from marketplace.orders.again import buy_again
from tests import world

pytestmark = pytest.mark.django_db


def client_of(person):
    client = Client()
    client.force_login(person.user)
    return client


def bought(buyer, quantities, now, **changes):
    world.fill_cart(buyer, quantities, now)
    request = PlaceRequest(
        key=f"key-of-{now.isoformat()}-{len(changes)}-{sum(quantities.values())}", address=world.VALENCIA,
        delivery=world.cheapest_delivery(buyer, now), **changes,
    )  # fmt: skip
    purchase = place_purchase(request=request, actor=buyer.actor, now=now)
    world.pay_purchase(
        purchase=purchase, method_token="tok_approve", return_url="http://t/", actor=buyer.actor, now=now
    )
    return purchase.orders.get()


@pytest.fixture
def people(now):
    return world.open_seller(now), world.person(now)


def test_buying_again_says_what_is_no_longer_there(people, now):
    seller, buyer = people
    there, scarce, gone = (world.published(seller, now, title=f"Linen {n}", stock=10) for n in range(3))
    order = bought(buyer, {there.id: 2, scarce.id: 3, gone.id: 1}, now)
    Stock.objects.filter(listing_id=scarce.id).update(on_hand=1)
    catalog.withdraw_listing(listing_id=gone.id, actor=seller.actor, now=now)
    for _ in range(2):
        came = {one.title: one for one in buy_again(order_id=order.id, actor=buyer.actor, now=now)}
    assert list_quantities(CartOwner(organisation_id=buyer.organisation_id)) == {there.id: 2, scarce.id: 1}
    assert [(came[f"Linen {n}"].added, bool(came[f"Linen {n}"].reason)) for n in range(3)] == [
        (2, False), (1, True), (0, True),
    ]  # fmt: skip
    page = client_of(buyer).post(f"/orders/{order.id}/cart/", follow=True)
    assert "Linen 2: 0 of 1. No longer sold." in page.content.decode()
    answer = client_of(buyer).post(f"/api/v1/orders/{order.id}/cart/")
    assert [one["added"] for one in answer.json()] == [2, 1, 0]


def test_only_the_buyer_buys_again(people, now):
    seller, buyer = people
    order = bought(buyer, {world.published(seller, now).id: 1}, now)
    for person in (seller, world.person(now)):
        with pytest.raises(OrderNotFound):
            buy_again(order_id=order.id, actor=person.actor, now=now)
        assert client_of(person).post(f"/orders/{order.id}/cart/").status_code == 404


def test_a_gift_note_stands_on_the_slip_without_prices(people, now):
    seller, buyer = people
    listing = world.published(seller, now)
    order = bought(buyer, {listing.id: 1}, now, gift_notes={seller.organisation_id: " Happy birthday! "})
    assert order.gift_note == "Happy birthday!"
    slip = client_of(seller).get(f"/orders/{order.id}/packing-slip/").content.decode()
    main = slip[slip.index("<main") : slip.index("</main>")]
    assert "Happy birthday!" in main
    assert "€" not in main
    assert "Happy birthday!" in client_of(seller).get(f"/orders/{order.id}/").content.decode()


def test_a_gift_note_is_written_at_checkout(people, now):
    seller, buyer = people
    world.fill_cart(buyer, {world.published(seller, now).id: 1}, now)
    client = client_of(buyer)
    client.post(
        "/checkout/", {"country": "ES", "name": "Ana", "street": "Calle 1", "city": "Valencia", "postcode": "46003"}
    )
    name = f"gift_{seller.organisation_id}"
    again = client.post("/checkout/review/", {name: "For you", "update": "1"})
    assert "For you</textarea>" in again.content.decode()
    (code,) = world.cheapest_delivery(buyer, now).values()
    body = {
        name: "For you",
        "gift_x": "?",
        "key": "a-key-of-mine",
        "place": "1",
        f"delivery_{seller.organisation_id}": code,
    }
    assert client.post("/checkout/review/", body).status_code == 302
    assert selectors.orders_bought_by(buyer.organisation_id).get().gift_note == "For you"


def test_the_api_refuses_a_note_that_is_too_long(people, now):
    seller, buyer = people
    world.fill_cart(buyer, {world.published(seller, now).id: 1}, now)
    body = {
        "address": {"name": "Ana", "street": "C 1", "city": "Valencia", "postcode": "46003", "country": "ES"},
        "delivery": {}, "gift_notes": {str(seller.organisation_id): "x" * 301},
    }  # fmt: skip
    answer = client_of(buyer).post(
        "/api/v1/purchases/", body, content_type="application/json", headers={"Idempotency-Key": "k" * 9}
    )
    assert (answer.status_code, "gift_notes" in answer.content.decode()) == (422, True)


def test_both_sides_take_their_orders_along(people, now, monkeypatch):
    monkeypatch.setattr(selectors, "EXPORT_BATCH", 2)
    seller, buyer = people
    listing = world.published(seller, now, title="=1+1 cloth", stock=50)
    numbers = {bought(buyer, {listing.id: n}, now).number for n in range(1, 6)}
    for person, page, other in ((seller, "/sell/orders/export/", "buyer"), (buyer, "/orders/export/", "seller")):
        answer = client_of(person).get(page)
        rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
        assert {row["number"] for row in rows} == numbers
        assert len(rows) == 5
        assert {row[other] for row in rows} == {(buyer if other == "buyer" else seller).user.name}
    empty = b"".join(client_of(world.person(now)).get("/orders/export/").streaming_content).decode()
    assert len(empty.splitlines()) == 1
