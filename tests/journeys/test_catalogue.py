"""Prices by quantity, reductions, variants, codes and offers side by side, as sellers make them and buyers see them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marketplace.catalog.models import Listing
from marketplace.offers import services as offers
from marketplace.offers.models import Match
from tests import world
from tests.journeys.conftest import World
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]
SHIRT = {"category_code": "shirts", "attributes": {"material": "linen", "colour": "white", "size": "M"}}


def log_in(visitor: Visitor, person: world.Person, name: str) -> Visitor:
    visitor.go("/accounts/login/", f"{name}-login")
    visitor.log_in(person.user.email, world.PASSWORD, f"{name}-home")
    return visitor


@pytest.mark.parametrize("screen", ["desktop", "phone"])
def test_a_seller_makes_offers_and_a_buyer_takes_them(house: World, visit, screen: str) -> None:
    before = house.now() - timedelta(days=40)
    one, other = world.open_seller(before), world.open_seller(before, name="Alfar Norte")
    buyer = world.person(before, name="Ana Prueba")
    listing = world.published(one, before, title="Linen shirt, band collar", gtin="4006381333931", stock=90, **SHIRT)
    world.published(other, before, title="Band collar shirt", gtin="4006381333931", **SHIRT)
    selling = log_in(visit(screen=screen, language="en"), one, "seller")
    set_prices(selling, listing)
    make_variants(selling, listing)
    make_a_code(selling)
    selling.go(f"/sell/listings/{listing.id}/safety/", "safety")
    agree_on_offers(house, selling)
    house.turn()
    buy(log_in(visit(screen=screen, language="es"), buyer, "buyer"), listing)


def set_prices(seller: Visitor, listing: Listing) -> None:
    seller.go(f"/sell/listings/{listing.id}/prices/", "prices")
    seller.fill(min_quantity="2", pack_size="2", from_0="4", price_0="44", from_1="10", price_1="40", days_1="6")
    seller.press("Save", "prices-saved")
    seller.fill(price="45", last_day=(house_day(20)))
    seller.press("Announce the reduction", "reduction-announced")


def house_day(days: int) -> str:
    from datetime import UTC, datetime

    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


def make_variants(seller: Visitor, listing: Listing) -> None:
    seller.go(f"/sell/listings/{listing.id}/variants/", "variants")
    seller.page.locator("input[name=options][value=colour]").check()
    seller.press("Go on", "variants-options")
    seller.fill(attribute_colour="blue", price="50", stock="5", sku="SHIRT-BLUE")
    seller.press("Add", "variant-added")
    blue = Listing.objects.get(sku="SHIRT-BLUE")
    seller.go(f"/sell/listings/{blue.id}/", "variant-edit")
    seller.press("Put on sale", "variant-on-sale")


def make_a_code(seller: Visitor) -> None:
    seller.go("/sell/codes/", "codes-empty")
    seller.fill(code="spring10", kind="PERCENT", percent="10")
    seller.press("Make the code", "codes")


def agree_on_offers(house: World, seller: Visitor) -> None:
    offers.propose_matches(now=house.now())
    Match.objects.exclude(listing__seller__name="Telares Ruiz").update(state="ACCEPTED")
    seller.go("/sell/matches/", "matches")
    seller.click(seller.page.locator("main form button:visible").first, "match-accepted")


def buy(buyer: Visitor, listing: Listing) -> None:
    buyer.go(f"/listings/{listing.id}/", "listing")
    buyer.click(buyer.page.locator("#product .chip", has_text="blue"), "listing-blue")
    buyer.go(f"/listings/{listing.id}/", "listing-again")
    buyer.page.locator("#quantity").fill("4")
    buyer.click(buyer.page.locator("form[action='/cart/lines/'] button"), "cart")
    buyer.page.locator("summary", has_text="código").click()
    buyer.fill(code="spring10")
    buyer.click(buyer.page.locator("form[action='/cart/code/'] button:visible"), "cart-with-code")
    buyer.go("/search/?q=linen+shirt", "search")
