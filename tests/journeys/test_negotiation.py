"""Talking, agreeing on a price, asking many sellers, and the shop page: as both sides see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from marketplace.catalog.models import Listing
from marketplace.messages.models import Message, Thread
from marketplace.orders.models import Order
from marketplace.quotes.models import Quote
from marketplace.sellers.selectors import get_seller
from marketplace.tenders.models import Tender
from tests import world
from tests.journeys.conftest import World
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]
APPROVED = "4242424242424242"


@dataclass
class Scene:
    seller: world.Person
    other: world.Person
    buyer: world.Person
    listing: Listing
    rival: Listing


def scene(house: World) -> Scene:
    now = house.now()
    seller, other, buyer = (
        world.open_seller(now),
        world.open_seller(now, name="Lonas Gil"),
        world.person(now, name="Ana"),
    )
    made = Scene(
        seller, other, buyer, world.published(seller, now, stock=90),
        world.published(other, now, title="Canvas tablecloth", stock=90),
    )  # fmt: skip
    house.turn()
    return made


def log_in(visitor: Visitor, person: world.Person, name: str) -> Visitor:
    visitor.go("/accounts/login/", f"{name}-login")
    visitor.log_in(person.user.email, world.PASSWORD, f"{name}-home")
    return visitor


@pytest.mark.parametrize(("screen", "language"), [("desktop", "en"), ("phone", "es")])
def test_messages_prices_tenders_and_shops(house: World, visit, screen: str, language: str) -> None:
    one = scene(house)
    buyer = log_in(visit(screen=screen, language=language), one.buyer, "buyer")
    seller = log_in(visit(screen=screen, language=language), one.seller, "seller")
    talk(buyer, seller, one)
    agree_on_a_price(house, buyer, seller, one)
    ask_many(house, buyer, seller, visit(screen=screen, language=language), one)
    look_at_the_shop(house, buyer, seller, one)


def talk(buyer: Visitor, seller: Visitor, one: Scene) -> None:
    """A question, a live answer, a warning, a quick reply, a report."""
    buyer.go(f"/listings/{one.listing.id}/", "listing-with-questions")
    buyer.follow("Ask the seller", "ask-seller", within="main")
    buyer.fill(text="Is it washed? You can also call +34 612 345 678.")
    buyer.press("Send", "thread-buyer")
    thread = Thread.objects.get()
    seller.go("/sell/quick-replies/", "quick-replies-empty")
    seller.fill(title="Washed", text="Yes, twice.")
    seller.press("Keep it", "quick-replies")
    seller.go("/messages/", "threads-unread")
    seller.click(seller.page.locator(f"a[href='/messages/{thread.id}/']"), "thread-seller")
    seller.click(seller.page.locator("a[href^='?reply=']"), "thread-prefilled")
    seller.press("Send", "thread-answered")
    buyer.page.get_by_text("Yes, twice.").wait_for(timeout=15_000)  # without loading the page again
    buyer.look("thread-live")
    said = Message.objects.get(side="BUYER")
    seller.go(f"/messages/{thread.id}/messages/{said.id}/report/", "message-report")
    seller.fill(reason="OFF_PLATFORM")
    seller.press("Show it to Lonja", "message-reported")
    buyer.go("/messages/", "threads")


def fill_address(visitor: Visitor) -> None:
    visitor.fill(name="Ana Prueba", street="Calle Mayor 1", postcode="46003", city="Valencia", country="ES")


def agree_on_a_price(house: World, buyer: Visitor, seller: Visitor, one: Scene) -> None:
    """Asked, offered, countered, offered again, accepted and paid."""
    buyer.go(f"/listings/{one.listing.id}/quote/", "quote-ask")
    buyer.fill(quantity="5", wish="For a café.")
    fill_address(buyer)
    buyer.press("Ask the seller", "quote-asked")
    here = f"/quotes/{Quote.objects.get().id}/"
    seller.go("/sell/quotes/", "quotes-seller")
    seller.go(here, "quote-seller")
    seller.fill(unit_price="44", shipping="0")
    seller.press("Send the offer", "quote-offered")
    buyer.go(here, "quote-to-answer")
    buyer.fill(unit_price="40", note="For a whole year.")
    buyer.press("Send the counter-offer", "quote-countered")
    seller.go(here, "quote-counter-seen")
    seller.fill(unit_price="41")
    seller.press("Send the offer", "quote-offered-again")
    buyer.go(here, "quote-last-word")
    buyer.press("Accept and pay", "quote-payment", confirm=True)
    pay(house, buyer, "quote")
    buyer.go(here, "quote-paid")
    seller.go(here, "quote-agreed-seller")
    buyer.go("/quotes/", "quotes")
    assert Order.objects.get().state == "PAID"
    assert Order.objects.get().total.minor == 5 * 4100


def pay(house: World, buyer: Visitor, name: str) -> None:
    buyer.press("Pay by card", f"{name}-sandbox")
    buyer.fill(number=APPROVED)
    buyer.press("Pay", f"{name}-paid")
    house.turn()


def ask_many(house: World, buyer: Visitor, seller: Visitor, rival: Visitor, one: Scene) -> None:
    """One need, two answers side by side, one of them taken."""
    log_in(rival, one.other, "rival")
    buyer.go("/tenders/", "tenders-empty")
    buyer.go("/tenders/new/", "tender-new")
    buyer.fill(title="Fifty white cloths", category_code="table-linen", quantity="6", need="Hemmed and washed.")
    buyer.fill(target="38")
    fill_address(buyer)
    buyer.press("Ask the sellers", "tender-told")
    here = f"/tenders/{Tender.objects.get().id}/"
    for visitor, name, price in ((seller, "seller", "39"), (rival, "rival", "37")):
        visitor.go("/sell/tenders/", f"tenders-{name}")
        visitor.go(here, f"tender-{name}")
        visitor.fill(unit_price=price)
        visitor.press("Send the quote", f"tender-answered-{name}")
    buyer.go(here, "tender-compare")
    choose(buyer, "Lonas Gil")
    pay(house, buyer, "tender")
    buyer.go(here, "tender-chosen")
    seller.go(here, "tender-lost")
    buyer.go("/tenders/", "tenders")
    assert Order.objects.filter(seller_id=one.other.organisation_id, state="PAID").count() == 1


def choose(buyer: Visitor, name: str) -> None:
    with buyer.page.expect_navigation():
        buyer.page.get_by_role("button", name=buyer.say("Choose %(name)s", name=name)).click()
        buyer.page.locator("#confirmation button[value=yes]").click()
    buyer.look("tender-payment")


def look_at_the_shop(house: World, buyer: Visitor, seller: Visitor, one: Scene) -> None:
    """Design with a live preview, a collection, following, a holiday."""
    seller.go("/sell/shop/", "shop-editor")
    seller.page.locator("input[name=design][value=ATELIER]").check()
    seller.fill(tagline="Linen since 1921")
    seller.page.locator(".shopfront.atelier").get_by_text("Linen since 1921").wait_for()  # before anything is saved
    seller.look("shop-preview")
    seller.press("Save", "shop-saved")
    seller.go("/sell/shop/collections/", "collections-empty")
    seller.fill(title="Summer table")
    seller.page.locator(f"input[value='{one.listing.id}']").check()
    seller.press("Save", "collections")
    page = f"/shops/{get_seller(one.seller.organisation_id).slug}/"
    buyer.go(page, "shop")
    buyer.press("Follow this shop", "shop-followed")
    buyer.go("/account/followed-shops/", "followed-shops")
    seller.go("/sell/shop/", "shop-editor-again")
    seller.page.locator("input[name=away_mode][value=CLOSED]").check()
    back = (house.now() + timedelta(days=9)).date()
    seller.fill(away_until=back.isoformat(), away_note="We are at the sea.")
    seller.press("Save", "shop-away")
    buyer.go(page, "shop-on-holiday")
    buyer.go(f"/listings/{one.listing.id}/", "listing-on-holiday")
