"""Goods that need care, from the seller's mark to the choice of carriers, the label and who does not take them."""

from __future__ import annotations

import pytest

from core.errors import InvalidInput
from logistics import facade as logistics
from logistics.contracts import HandlingMark, ParcelSpec, Place, RejectionReason
from logistics.rates import selectors as rates
from logistics.shipments.label import layout, scan_text
from logistics.shipments.models import Parcel
from logistics.shipments.selectors import labels_for
from marketplace.carts.selectors import CartOwner, delivery_options, view_cart
from marketplace.catalog.handling import set_marks
from marketplace.catalog.models import Category, Listing
from marketplace.contracts import ListingNotFound
from marketplace.orders import services as orders
from tests import world

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_table(monkeypatch):
    monkeypatch.setattr(rates, "_cached", None)


@pytest.fixture
def seller(now):
    return world.open_seller(now)


@pytest.fixture
def goods(seller, now):
    return world.published(seller, now)


def test_a_new_listing_has_its_categorys_marks(seller, goods, now):
    Category.objects.filter(code=goods.category_id).update(marks=["FRAGILE"])
    assert goods.marks == []
    assert Listing.objects.get(id=world.published(seller, now).id).marks == ["FRAGILE"]


def test_what_is_marked_goes_only_with_carriers_that_take_it_and_is_printed(seller, goods, now):
    set_marks(listing_id=goods.id, marks=["DANGEROUS", "HIGH_VALUE"], actor=seller.actor, now=now)
    buyer = world.person(now)
    world.fill_cart(buyer, {goods.id: 1}, now)
    cart = view_cart(CartOwner(organisation_id=buyer.organisation_id), now=now)
    found = delivery_options(cart=cart, address=world.VALENCIA, now=now)[seller.organisation_id]
    assert [offer.service_code for offer in found.quotes] == ["ruta-plus"]
    reasons = {item.service_code: (item.reason, item.explanation) for item in found.rejected}
    assert reasons["ruta-24"] == (RejectionReason.DANGEROUS_NOT_TAKEN, "This carrier does not take dangerous goods.")
    purchase = world.place(buyer, now)
    world.pay_purchase(
        purchase=purchase, method_token="tok_approve", return_url="http://t/", actor=buyer.actor, now=now
    )
    shipment_id = orders.book_shipment(order_id=purchase.orders.get().id, actor=seller.actor, now=now)
    assert Parcel.objects.get(shipment_id=shipment_id).marks == ["DANGEROUS", "HIGH_VALUE"]
    (label,) = labels_for([shipment_id], actor=seller.actor)
    texts = [text.text for text in layout(label).texts]
    assert "DANGEROUS GOODS" in texts
    assert not any("VALUE" in text for text in texts)
    assert "43211" in scan_text(label)


def test_perishable_goods_never_change_carriers(now):
    def ask(*marks):
        parcel = ParcelSpec(1_200, 300, 200, 100, marks=frozenset(marks))
        found = logistics.quote(origin=Place("ES"), destination=Place("MX"), parcel=parcel, handling_days=1, now=now)
        return {quote.service_code for quote in found.quotes}, {
            item.service_code: item.reason for item in found.rejected
        }

    assert "route" in ask()[0]
    offered, refused = ask(HandlingMark.PERISHABLE)
    assert "route" not in offered
    assert refused["correo-economico"] is RejectionReason.PERISHABLE_NOT_TAKEN
    assert "troncal" not in str(ask(HandlingMark.FRAGILE)[0])


def test_bad_marks_and_strangers(seller, goods, now):
    with pytest.raises(InvalidInput):
        set_marks(listing_id=goods.id, marks=["SHINY"], actor=seller.actor, now=now)
    with pytest.raises(ListingNotFound):
        set_marks(listing_id=goods.id, marks=[], actor=world.person(now).actor, now=now)


def test_page_and_api(client, seller, goods, now):
    page, api = f"/sell/listings/{goods.id}/handling/", f"/api/v1/listings/{goods.id}/handling/"
    assert client.get(page).status_code == 302
    client.force_login(world.open_seller(now).user)
    assert client.get(page).status_code == 404
    assert client.put(api, {"marks": []}, content_type="application/json").status_code == 404
    client.force_login(seller.user)
    assert client.post(page, {"marks": ["FRAGILE"]}).status_code == 302
    assert "checked" in client.get(page).content.decode()
    assert client.post(page, {"marks": ["SHINY"]}).status_code == 422
    assert client.put(api, {"marks": ["SHINY"]}, content_type="application/json").status_code == 422
    done = client.put(api, {"marks": ["PERISHABLE"]}, content_type="application/json")
    assert (done.status_code, done.json()["marks"]) == (200, ["PERISHABLE"])
    shown = client.get(
        "/carriers/?origin=ES&destination=PT&weight_grams=500&currency=EUR&marks=DANGEROUS"
    ).content.decode()
    assert "This carrier does not take dangerous goods." in shown
