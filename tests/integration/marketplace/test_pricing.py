"""Minimums, packs and steps from the cart to the order; reductions that the law allows, and those it does not."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from core.errors import NotFound
from core.money import Money
from marketplace.carts.models import CartLine
from marketplace.carts.selectors import CartOwner, view_cart
from marketplace.catalog import pricing
from marketplace.catalog import services as catalog
from marketplace.catalog.models import Listing, ListingRevision, PriceRecord, Reduction
from marketplace.checkout.services import place_purchase
from marketplace.contracts import (
    ListingNotFound,
    NoReduction,
    PlaceRequest,
    PriceTier,
    QuantityRefused,
    SellingTerms,
)
from marketplace.orders.models import OrderLine
from tests import world

pytestmark = pytest.mark.django_db


def eur(minor):
    return Money(minor, "EUR")


@pytest.fixture
def seller(now):
    return world.open_seller(now - timedelta(days=100))


@pytest.fixture
def listing(seller, now):
    """On sale for 90 days at 48.00."""
    return world.published(seller, now - timedelta(days=90), stock=200, weight_grams=60, height_mm=2)


def client_of(person):
    client = Client()
    client.force_login(person.user)
    return client


TERMS = SellingTerms(
    min_quantity=6, pack_size=6, unit="SET", tiers=(PriceTier(12, eur(4500)), PriceTier(60, eur(4000), 9))
)


def test_quantity_sets_price_and_lead_time_and_the_order_keeps_them(seller, listing, now):
    pricing.set_terms(listing_id=listing.id, terms=TERMS, actor=seller.actor, now=now)
    buyer = world.person(now)
    world.fill_cart(buyer, {listing.id: 60}, now)
    (group,) = view_cart(CartOwner(organisation_id=buyer.organisation_id)).groups
    assert (group.lines[0].unit_price, group.goods, group.handling_days) == (eur(4000), eur(240_000), 9)
    purchase = world.place(buyer, now)
    pricing.set_terms(listing_id=listing.id, terms=SellingTerms(), actor=seller.actor, now=now)
    line = OrderLine.objects.get(order__purchase=purchase)
    assert (line.unit_price, line.total, line.order.goods) == (eur(4000), eur(240_000), eur(240_000))
    assert ListingRevision.objects.filter(listing=listing, changes__has_key="min_quantity").count() == 2


@pytest.mark.parametrize(("quantity", "says"), [(5, "minimum"), (1, "minimum"), (8, "packs")])
def test_quantities_that_are_not_sold_are_refused_everywhere(seller, listing, now, quantity, says):
    pricing.set_terms(listing_id=listing.id, terms=TERMS, actor=seller.actor, now=now)
    buyer = world.person(now)
    with pytest.raises(QuantityRefused) as refused:
        world.fill_cart(buyer, {listing.id: quantity}, now)
    assert refused.value.field == "quantity"
    client = client_of(buyer)
    page = client.post("/cart/lines/", {"listing": listing.id, "quantity": quantity}, follow=True)
    assert says in page.content.decode()
    answer = client.put(
        f"/api/v1/cart/lines/{listing.id}/", json.dumps({"quantity": quantity}), content_type="application/json"
    )
    assert answer.status_code == 422
    assert answer.json()["code"] == "quantity_refused"
    assert {error["field"] for error in answer.json()["errors"]} == {"quantity"}
    assert not CartLine.objects.exists()


def test_a_minimum_that_came_later_stops_the_checkout(seller, listing, now):
    buyer = world.person(now)
    world.fill_cart(buyer, {listing.id: 2}, now)
    delivery = world.cheapest_delivery(buyer, now)
    pricing.set_terms(listing_id=listing.id, terms=TERMS, actor=seller.actor, now=now)
    (group,) = view_cart(CartOwner(organisation_id=buyer.organisation_id)).groups
    assert group.lines[0].problem == "BELOW_MINIMUM"
    assert "The seller's minimum is 6." in client_of(buyer).get("/cart/").content.decode()
    with pytest.raises(QuantityRefused) as refused:
        request = PlaceRequest(key="a" * 10, address=world.VALENCIA, delivery=delivery)
        place_purchase(request=request, actor=buyer.actor, now=now)
    assert refused.value.field == str(listing.id)


def test_prices_are_recorded_while_on_sale_and_for_ever(seller, now):
    draft = catalog.create_listing(listing=world.listing_input(), actor=seller.actor, now=now)
    move = {"listing_id": draft.id, "actor": seller.actor}
    catalog.set_price_and_stock(price=eur(1000), stock=5, now=now, **move)
    assert not PriceRecord.objects.exists()
    catalog.publish_listing(now=now + timedelta(days=1), **move)
    catalog.set_price_and_stock(price=eur(900), stock=5, now=now + timedelta(days=2), **move)
    catalog.set_price_and_stock(price=eur(900), stock=7, now=now + timedelta(days=3), **move)
    rows = PriceRecord.objects.values_list("price_minor", "at")
    assert list(rows) == [(1000, now + timedelta(days=1)), (900, now + timedelta(days=2))]


def reduce(seller, listing, minor, now, *, days=10):
    return pricing.start_reduction(
        listing_id=listing.id, price=eur(minor), ends_at=now + timedelta(days=days), actor=seller.actor, now=now
    )


def test_a_reduction_is_measured_from_the_lowest_price_before_it(seller, listing, now):
    assert reduce(seller, listing, 3840, now).prior_minor == 4800
    listing.refresh_from_db()
    assert (listing.price, listing.prior_price, listing.reduced_percent) == (eur(3840), eur(4800), 20)
    assert "−20 %" in Client().get(f"/listings/{listing.id}/").content.decode()
    answer = Client().get(f"/api/v1/listings/{listing.id}/").json()
    assert (answer["prior_price"], answer["reduced_percent"]) == ({"minor": 4800, "currency": "EUR"}, 20)


def test_raised_first_is_no_reduction(seller, listing, now):
    """80, raised to 100 five days ago, 90 today: not a reduction of 10 %."""
    move = {"listing_id": listing.id, "stock": 200, "actor": seller.actor}
    catalog.set_price_and_stock(price=eur(8000), now=now - timedelta(days=80), **move)
    catalog.set_price_and_stock(price=eur(10_000), now=now - timedelta(days=5), **move)
    with pytest.raises(NoReduction) as refused:
        reduce(seller, listing, 9000, now)
    assert refused.value.field == "price"
    assert not Reduction.objects.exists()
    assert "−" not in Client().get(f"/listings/{listing.id}/").content.decode()
    assert reduce(seller, listing, 7000, now).prior_minor == 8000


def test_lowered_further_it_keeps_its_first_prior_price_and_ends_at_the_regular_one(seller, listing, now):
    first = reduce(seller, listing, 4000, now)
    later = now + timedelta(days=5)
    again = reduce(seller, listing, 3000, later)
    assert (again.id, again.prior_minor, again.regular_minor) == (first.id, 4800, 4800)
    with pytest.raises(NoReduction):
        reduce(seller, listing, 3500, later)
    assert pricing.end_due_reductions(now=later) == 0
    assert pricing.end_due_reductions(now=later + timedelta(days=10)) == 1
    listing.refresh_from_db()
    assert (listing.price, listing.prior_price) == (eur(4800), None)
    assert pricing.end_due_reductions(now=later + timedelta(days=11)) == 0
    with pytest.raises(NotFound):
        pricing.end_reduction(listing_id=listing.id, actor=seller.actor, now=later + timedelta(days=11))


def test_a_higher_price_typed_meanwhile_ends_it_and_a_lower_one_does_not(seller, listing, now):
    reduce(seller, listing, 4000, now)
    move = {"listing_id": listing.id, "stock": 200, "actor": seller.actor, "now": now + timedelta(days=1)}
    assert catalog.set_price_and_stock(price=eur(3900), **move).prior_price == eur(4800)
    assert catalog.set_price_and_stock(price=eur(4500), **move).prior_price is None
    assert Reduction.objects.get().ended_at == now + timedelta(days=1)


@pytest.mark.parametrize(("minor", "days"), [(4800, 10), (0, 10), (4000, 0), (4000, 91)])
def test_what_cannot_be_announced(seller, listing, now, minor, days):
    with pytest.raises(Exception) as refused:  # noqa: PT011
        reduce(seller, listing, minor, now, days=days)
    assert refused.value.field in {"price", "ends_at"}
    listing.refresh_from_db()
    assert (listing.price, listing.prior_price) == (eur(4800), None)


def test_a_draft_was_never_on_sale(seller, now):
    draft = catalog.create_listing(listing=world.listing_input(), actor=seller.actor, now=now)
    with pytest.raises(NoReduction):
        reduce(seller, draft, 100, now)


def test_another_seller_finds_nothing(listing, now):
    other = world.open_seller(now)
    for act in (
        lambda: pricing.set_terms(listing_id=listing.id, terms=TERMS, actor=other.actor, now=now),
        lambda: reduce(other, listing, 4000, now),
        lambda: pricing.end_reduction(listing_id=listing.id, actor=other.actor, now=now),
    ):
        with pytest.raises(ListingNotFound):
            act()


def test_the_sellers_page_and_the_api(seller, listing):
    client, path = client_of(seller), f"/sell/listings/{listing.id}/"
    form = {"min_quantity": 6, "pack_size": 6, "unit": "SET", "from_0": 12, "price_0": "45", "days_0": ""}
    assert client.post(f"{path}terms/", form).status_code == 302
    listing.refresh_from_db()
    assert (listing.min_quantity, listing.price_tiers) == (6, (PriceTier(12, eur(4500)),))
    for wrong in ({"from_0": 13}, {"price_0": ""}, {"from_0": ""}, {"price_0": "60"}, {"min_quantity": ""}):
        page = client.post(f"{path}terms/", form | wrong)
        assert page.status_code == 200
        assert "error" in page.content.decode()
    shown = Client().get(f"/listings/{listing.id}/").content.decode()
    assert 'min="6" step="6"' in shown
    assert "in packs of 6" in shown
    body = {"min_quantity": 2, "tiers": [{"from_quantity": 4, "price": {"minor": 4000, "currency": "EUR"}}]}
    answer = client.put(f"/api/v1/listings/{listing.id}/terms/", json.dumps(body), content_type="application/json")
    assert answer.status_code == 200
    assert answer.json()["tiers"][0]["from_quantity"] == 4
    assert client.get(f"/api/v1/listings/{listing.id}/reduction/").status_code == 404
    page = client.post(f"{path}reduction/", {"price": "50", "last_day": "2020-01-01"})
    assert "This day is not possible." in page.content.decode()
    assert Listing.objects.get().prior_minor is None
    assert client.get(f"{path}prices/").status_code == 200
