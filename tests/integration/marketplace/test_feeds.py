"""A shop's Google Merchant feed, and schema.org data on the listing's page."""

import json
import re
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.money import Money
from marketplace.catalog import pricing
from marketplace.catalog import services as catalog
from marketplace.contracts import PriceTier, SellingTerms
from marketplace.sellers.selectors import get_seller
from marketplace.storefront import feeds
from tests import world

pytestmark = pytest.mark.django_db
G = "{http://base.google.com/ns/1.0}"


@pytest.fixture
def seller(now):
    return world.open_seller(now - timedelta(days=50))


def feed(seller, query=""):
    slug = get_seller(seller.organisation_id).slug
    answer = Client().get(f"/shops/{slug}/google-merchant.xml{query}")
    assert answer.status_code == 200
    items = ElementTree.fromstring(b"".join(answer.streaming_content)).findall("channel/item")
    return answer, [{tag.tag.removeprefix(G): tag.text for tag in item} for item in items]


def test_the_feed_says_what_is_on_sale_at_which_price(seller, now):
    listing = world.published(
        seller, now - timedelta(days=40), title="Runner <b>& napkins</b> \x0b", gtin="4006381333931", sku="R1"
    )
    pricing.start_reduction(
        listing_id=listing.id, price=Money(3840, "EUR"), ends_at=now + timedelta(days=3), actor=seller.actor, now=now
    )
    catalog.create_listing(listing=world.listing_input(title="A draft of mine"), actor=seller.actor, now=now)
    _answer, (item,) = feed(seller)
    assert item["title"] == "Runner <b>& napkins</b>"
    assert (item["price"], item["sale_price"]) == ("48.00 EUR", "38.40 EUR")
    assert (item["gtin"], item["mpn"], item["availability"]) == ("4006381333931", "R1", "in_stock")
    assert item["google_product_category"] == "Home & Garden > Linens & Bedding > Table Linens"
    assert item["link"].startswith("http://testserver/listings/")


def test_the_feed_goes_on_in_pages_and_costs_the_same_for_any_number(seller, now, monkeypatch):
    made = [world.published(seller, now, title=f"Napkin number {n}") for n in range(5)]
    with CaptureQueriesContext(connection) as five:
        feed(seller)
    monkeypatch.setattr(feeds, "PAGE", 4)
    monkeypatch.setattr(feeds, "STEP", 2)
    first, items = feed(seller)
    assert len(items) == 4
    following = re.search(r"\?after=[0-9a-f-]+", first["Link"]).group()
    second, rest = feed(seller, following)
    assert "Link" not in second
    assert [item["id"] for item in [*items, *rest]] == sorted(str(one.id) for one in made)
    monkeypatch.undo()
    world.published(seller, now, title="One napkin more")
    with CaptureQueriesContext(connection) as six:
        feed(seller)
    assert len(five) == len(six) <= 5
    assert Client().get("/shops/nowhere/google-merchant.xml").status_code == 404
    slug = get_seller(seller.organisation_id).slug
    assert Client().get(f"/shops/{slug}/google-merchant.xml?after=x").status_code == 404


def test_the_page_tells_search_engines_the_offer(seller, now):
    listing = world.published(seller, now - timedelta(days=40), title="Cloth </script><script>alert(1)", brand="Ruiz")
    terms = SellingTerms(min_quantity=2, tiers=(PriceTier(10, Money(3000, "EUR")),))
    pricing.set_terms(listing_id=listing.id, terms=terms, actor=seller.actor, now=now)
    pricing.start_reduction(
        listing_id=listing.id, price=Money(3840, "EUR"), ends_at=now + timedelta(days=3), actor=seller.actor, now=now
    )
    page = Client().get(f"/listings/{listing.id}/").content.decode()
    assert "<script>alert" not in page
    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page).group(1))
    assert data["name"] == "Cloth </script><script>alert(1)"
    offer = data["offers"]
    assert (offer["price"], offer["priceCurrency"]) == ("38.40", "EUR")
    assert offer["availability"] == "https://schema.org/InStock"
    assert [price["price"] for price in offer["priceSpecification"]] == ["38.40", "48.00", "30.00"]
    assert offer["shippingDetails"]["shippingDestination"]["addressCountry"] == "ES"
