"""A seller with two places: adds the depot, moves goods there, corrects a number, and sends an order from where it lies."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from marketplace.catalog.models import Stock
from tests import world
from tests.journeys.conftest import World
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


@pytest.mark.parametrize(("screen", "language"), [("desktop", "en"), ("phone", "es")])
def test_goods_at_two_places(house: World, visit, screen: str, language: str) -> None:
    now = house.now()
    person, buyer = world.open_seller(now), world.person(now)
    listing = world.published(person, now, stock=5, sku="CLOTH-1")
    seller: Visitor = visit(screen=screen, language=language)
    seller.go("/accounts/login/", "stock-login")
    seller.log_in(person.user.email, world.PASSWORD, "stock-home")
    seller.go("/sell/stock/places/new/", "new-place")
    seller.fill(label="Depot", handling_days="0", street="Camino 9", city="Sagunto", postcode="46500")
    seller.press("Save", "places")
    seller.go(f"/sell/stock/{listing.id}/", "listing-stock")
    place = seller.page.locator("select[name='to'] option", has_text="Depot").get_attribute("value")
    seller.fill(source="main", to=place, quantity="4")
    seller.press("Move", "moved")
    seller.fill(at="main", delta="-1", reason="Broken")
    seller.page.locator("form[action$='adjustments/'] button").click()
    expect(seller.page.get_by_text("Broken").first).to_be_visible()
    seller.look("corrected")
    row = Stock.objects.get(listing=listing)
    assert (row.on_hand, row.elsewhere) == (4, 4)
    order = world.buy(buyer, listing, house.now(), quantity=2)
    seller.go("/sell/orders/", "work-list")
    expect(seller.page.get_by_text(f"Depot: 2 × {listing.title}")).to_be_visible()
    seller.go(f"/orders/{order.id}/", "order-to-send")
    seller.go("/sell/stock/?low=1", "stock-low")
    expect(seller.page.get_by_role("link", name=listing.title)).to_be_visible()
