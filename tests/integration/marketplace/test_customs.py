"""Customs papers of an order that crosses a customs border: for its seller alone, with tariff numbers and what was paid."""

from __future__ import annotations

import pytest

from logistics.shipments.rules import crosses_customs
from marketplace.contracts import Place
from marketplace.orders import parcels
from marketplace.orders import services as orders
from tests import world

pytestmark = pytest.mark.django_db
LONDON = Place(name="Bea Buyer", street="1 High Street", city="London", postcode="SW1A 1AA", country="GB")


def paid(now, address):
    seller, buyer = world.open_seller(now), world.person(now)
    cloth = world.published(seller, now)
    world.fill_cart(buyer, {cloth.id: 3}, now)
    purchase = world.place(buyer, now, address=address)
    world.pay_purchase(
        purchase=purchase, method_token="tok_approve", return_url="http://t/", actor=buyer.actor, now=now
    )
    return purchase.orders.get(), seller, buyer


def shipped(now, address):
    order, seller, buyer = paid(now, address)
    orders.book_shipment(order_id=order.id, actor=seller.actor, now=now)
    return order, seller, buyer


@pytest.mark.parametrize(
    ("origin", "destination", "crosses"),
    [
        ("ES", "ES", False),
        ("ES", "FR", False),
        ("ES", "GB", True),
        ("US", "US", False),
        ("CN", "ES", True),
        ("CH", "AT", True),
    ],
)
def test_where_customs_asks(origin, destination, crosses):
    assert crosses_customs(origin, destination) is crosses


def test_the_papers_say_what_is_in_the_parcel(client, now):
    order, seller, buyer = shipped(now, LONDON)
    address = f"/orders/{order.id}/customs.pdf"
    assert client.get(address).status_code == 302
    for nobody in (buyer, world.person(now)):
        client.force_login(nobody.user)
        assert client.get(address).status_code == 404
        assert address not in client.get(f"/orders/{order.id}/").content.decode()
    client.force_login(seller.user)
    assert address in client.get(f"/orders/{order.id}/").content.decode()
    answer = client.get(address)
    content = answer.content.decode("latin-1")
    assert answer["Content-Type"] == "application/pdf"
    line = order.lines.get()
    assert line.listing.category.hs_code
    for said in ("CN 23", "COMMERCIAL INVOICE", line.listing.category.hs_code, "London", "144.00 EUR", "2.100"):
        assert said in content, said
    assert content == client.get(address).content.decode("latin-1")


def test_within_the_union_there_are_none(client, now):
    order, seller, _buyer = shipped(now, world.VALENCIA)
    client.force_login(seller.user)
    assert client.get(f"/orders/{order.id}/customs.pdf").status_code == 404
    assert "customs.pdf" not in client.get(f"/orders/{order.id}/").content.decode()


def test_a_parcel_of_a_part_declares_its_own_pieces(client, now):
    order, seller, buyer = paid(now, LONDON)
    line = order.lines.get()
    first, rest = (
        parcels.pack_parcel(order_id=order.id, pieces={line.id: n}, actor=seller.actor, now=now) for n in (1, 2)
    )
    page = f"/orders/{order.id}/parcels/{first.id}/customs.pdf"
    api = f"/api/v1/orders/{order.id}/parcels/{first.id}/customs/"
    assert client.get(page).status_code == 302
    for nobody in (buyer, world.person(now), world.open_seller(now)):
        client.force_login(nobody.user)
        assert (client.get(page).status_code, client.get(api).status_code) == (404, 404)
    client.force_login(seller.user)
    assert page in client.get(f"/orders/{order.id}/").content.decode()
    content = client.get(page).content.decode("latin-1")
    assert client.get(api).content.decode("latin-1") == content
    for said in ("CN 23", "48.00 EUR", "0.700", line.listing.category.hs_code):
        assert said in content, said
    second = client.get(page.replace(str(first.id), str(rest.id))).content.decode("latin-1")
    assert all(said in second for said in ("96.00 EUR", "1.400"))
    parcels.void_parcel(order_id=order.id, parcel_id=first.id, actor=seller.actor, now=now)
    assert client.get(page).status_code == 404
