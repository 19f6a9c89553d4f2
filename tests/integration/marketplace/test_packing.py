"""An order's goods in one or several parcels: proposed, priced, changed by the seller, labelled one by one."""

from __future__ import annotations

import pytest

from logistics.contracts import InvalidParcel, ParcelSpec
from logistics.packing.models import Carton
from logistics.packing.services import add_carton
from logistics.shipments.models import Parcel
from logistics.shipments.selectors import labels_for
from marketplace.carts.selectors import CartOwner, delivery_options, view_cart
from marketplace.catalog.models import Listing
from marketplace.orders import services as orders
from tests import world

pytestmark = pytest.mark.django_db
ROWS = ("weight", "length", "width", "height")


@pytest.fixture
def seller(now):
    return world.open_seller(now)


def bought(seller, now, quantity):
    """Pieces of 5 kg."""
    goods = world.published(seller, now, stock=50)
    Listing.objects.filter(id=goods.id).update(weight_grams=5_000, length_mm=300, width_mm=250, height_mm=140)
    buyer = world.person(now)
    world.fill_cart(buyer, {goods.id: quantity}, now)
    cart = view_cart(CartOwner(organisation_id=buyer.organisation_id), now=now)
    offers = delivery_options(cart=cart, address=world.VALENCIA, now=now)[seller.organisation_id].quotes
    purchase = world.place(buyer, now)
    world.pay_purchase(
        purchase=purchase, method_token="tok_approve", return_url="http://t/", actor=buyer.actor, now=now
    )
    return purchase.orders.get(), buyer, {offer.service_code: offer.price.minor for offer in offers}


def test_many_pieces_are_priced_and_labelled_as_several_parcels(seller, now):
    _order, _buyer, one = bought(seller, now, 3)
    order, _buyer, prices = bought(seller, now, 9)
    assert prices["ruta-24"] > 2 * one["ruta-24"]
    assert prices["correo-economico"] > 0  # 45 kg in one parcel would be too heavy for it
    shipment_id = orders.book_shipment(order_id=order.id, actor=seller.actor, now=now)
    parcels = list(Parcel.objects.filter(shipment_id=shipment_id).order_by("position"))
    assert len(parcels) == 3
    assert sum(parcel.weight_grams for parcel in parcels) == 45_000 + 3 * 600 - sum(
        600 - Carton.objects.get(length_mm=parcel.length_mm - 10).tare_grams for parcel in parcels
    )
    labels = labels_for([shipment_id], actor=seller.actor)
    assert [(label.position, label.pieces) for label in labels] == [(1, 3), (2, 3), (3, 3)]
    assert len({label.sscc for label in labels}) == 3
    assert len({label.waybill for label in labels}) == 1


def test_sellers_own_cartons_are_used_before_the_usual_ones(seller, now):
    add_carton(
        name="Crate", length_mm=700, width_mm=500, height_mm=500, tare_grams=900, most_grams=29_000, actor=seller.actor
    )
    order, _buyer, _prices = bought(seller, now, 9)
    shipment_id = orders.book_shipment(order_id=order.id, actor=seller.actor, now=now)
    assert Parcel.objects.filter(shipment_id=shipment_id, length_mm=710).count() == 2


def test_the_seller_packs_differently_and_gets_a_label_for_each(client, seller, now):
    order, buyer, _prices = bought(seller, now, 9)
    page, api = f"/orders/{order.id}/packing/", f"/api/v1/orders/{order.id}/packing/"
    assert client.get(page).status_code == 302
    for nobody in (buyer, world.open_seller(now)):
        client.force_login(nobody.user)
        assert (client.get(page).status_code, client.get(api).status_code) == (404, 404)
    client.force_login(seller.user)
    assert f"/orders/{order.id}/packing/" in client.get(f"/orders/{order.id}/").content.decode()
    shown = client.get(api).json()
    assert sum(line["quantity"] for parcel in shown for line in parcel["contents"]) == 9
    assert shown[0]["carton"] in client.get(page).content.decode()
    assert client.post(page, {}).status_code == 422
    heavy = {f"{name}_1": value for name, value in zip(ROWS, (49_000, 600, 400, 400), strict=True)}
    assert client.post(page, heavy).status_code == 422
    two = {f"{name}_{row}": value for row in (1, 4) for name, value in zip(ROWS, (19_000, 600, 400, 400), strict=True)}
    assert client.post(page, two).status_code == 302
    assert list(Parcel.objects.order_by("position").values_list("position", "weight_grams")) == [
        (1, 19_000),
        (2, 19_000),
    ]


def test_an_order_is_shipped_in_given_parcels_by_the_api(client, seller, now):
    order, _buyer, _prices = bought(seller, now, 9)
    client.force_login(seller.user)
    address, headers = f"/api/v1/orders/{order.id}/shipment/", {"Idempotency-Key": "packing-0001"}
    bad = {"parcels": [{"weight_grams": 0}]}
    assert client.post(address, bad, content_type="application/json", headers=headers).status_code == 422
    given = {"parcels": [{"weight_grams": 15_000}] * 3}
    assert client.post(address, given, content_type="application/json", headers=headers).status_code == 200
    assert Parcel.objects.count() == 3
    with pytest.raises(InvalidParcel):
        orders.book_shipment(
            order_id=bought(seller, now, 9)[0].id, actor=seller.actor, now=now, parcels=[ParcelSpec(100)] * 31
        )


def test_an_ordinary_cart_asks_for_no_cartons(seller, now, django_assert_num_queries):
    goods = world.published(seller, now)
    buyer = world.person(now)
    world.fill_cart(buyer, {goods.id: 2}, now)
    cart = view_cart(CartOwner(organisation_id=buyer.organisation_id), now=now)
    delivery_options(cart=cart, address=world.VALENCIA, now=now)
    with django_assert_num_queries(1):
        delivery_options(cart=cart, address=world.VALENCIA, now=now)


def test_cartons_of_ones_own(client, seller, now):
    box = {
        "name": "Crate",
        "length_mm": 700,
        "width_mm": 500,
        "height_mm": 500,
        "tare_grams": 900,
        "most_grams": 29_000,
    }
    page, api = "/shipments/cartons/", "/api/v1/shipping/cartons/"
    assert client.get(page).status_code == 302
    client.force_login(seller.user)
    assert "Large carton" in client.get(page).content.decode()
    assert client.post(page, {**box, "length_mm": 1}).status_code == 422
    assert client.post(page, box).status_code == 302
    assert client.post(page, box).status_code == 422  # the name twice
    headers = {"Idempotency-Key": "cartons-0001"}
    assert client.post(api, {**box, "name": "B"}, content_type="application/json", headers=headers).status_code == 201
    shown = client.get(api).json()
    assert [carton["name"] for carton in shown] == ["B", "Crate"]
    client.force_login(world.open_seller(now).user)
    assert client.get(api).json() == []
    assert client.delete(f"{api}{shown[0]['id']}/").status_code == 404
    assert client.post(f"{page}{shown[0]['id']}/removal/").status_code == 404
    client.force_login(seller.user)
    assert client.delete(f"{api}{shown[0]['id']}/").status_code == 204
    assert client.post(f"{page}{shown[1]['id']}/removal/").status_code == 302
    assert client.get(api).json() == []
