"""Small journeys: language and colours, the keyboard alone, and no JavaScript at all."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from core.money import Money
from marketplace.catalog.models import Listing
from marketplace.orders.models import Order
from tests import world
from tests.journeys.conftest import World

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


@pytest.fixture
def cloth(house: World) -> Listing:
    """Something on sale."""
    seller = world.open_seller(house.now())
    listing = world.published(seller, house.now(), price=Money(4800, "EUR"))
    house.turn()
    return listing


def test_switching_the_language_stays_on_the_page(cloth: Listing, visit) -> None:
    visitor = visit()
    visitor.go(f"/listings/{cloth.id}/", "listing-english")
    path = visitor.page.url
    visitor.language = "es"
    with visitor.page.expect_navigation():
        visitor.page.get_by_role("button", name="Español").click()
    visitor.look("listing-spanish")
    assert visitor.page.url == path
    expect(visitor.page.get_by_role("button", name="Añadir al carrito")).to_be_visible()
    assert "48,00" in visitor.page.locator(".price.big").inner_text()


@pytest.mark.parametrize("screen", ["desktop", "phone"])
def test_dark_pages_are_readable_and_stay_dark(cloth: Listing, visit, screen: str) -> None:
    visitor = visit(screen=screen)
    visitor.go("/search/?q=linen", "search-light")
    visitor.press("Dark", "search-dark")
    assert visitor.page.url.endswith("/search/?q=linen")
    expect(visitor.page.locator("html")).to_have_attribute("data-theme", "dark")
    for path, name in ((f"/listings/{cloth.id}/", "listing-dark"), ("/", "home-dark"), ("/design/", "design-dark"),
                       ("/accounts/login/", "login-dark")):  # fmt: skip
        visitor.go(path, name)
    expect(visitor.page.locator("html")).to_have_attribute("data-theme", "dark")


def _tab_to(page: Page, selector: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            shown = page.evaluate(
                "[document.activeElement, document.activeElement.closest('form, .item')].some("
                "  one => one && getComputedStyle(one).outlineStyle !== 'none')"
            )
            assert shown, f"{selector} shows no focus"
            return
    raise AssertionError(f"Tab never reaches {selector}")


def test_from_search_to_cart_by_keyboard(cloth: Listing, visit) -> None:
    visitor = visit()
    visitor.go("/", "home-keyboard")
    page = visitor.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    _tab_to(page, "form.find input")
    page.keyboard.type("tablecloth")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    _tab_to(page, "article.item h2 a")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    _tab_to(page, "main form[action='/cart/lines/'] button")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    visitor.look("cart-keyboard")
    expect(page.locator("main")).to_contain_text(cloth.title)


def test_buying_without_javascript(house: World, cloth: Listing, visit) -> None:
    visitor = visit(screen="phone", scripts=False)
    page, buyer = visitor.page, world.person(house.now(), name="Ana Prueba")
    visitor.go("/search/?q=tablecloth", "plain-search")
    visitor.click(page.locator("article.item h2 a").first, "plain-listing")
    visitor.press("Put in cart", "plain-cart")
    visitor.follow("Check out", "plain-login", within="main")
    visitor.log_in(buyer.user.email, world.PASSWORD, "plain-checkout")
    visitor.fill(name="Ana Prueba", street="Calle Mayor 1", postcode="46003", city="Valencia", country="ES")
    visitor.press("Go on to delivery", "plain-review")
    visitor.click(page.locator("button[name=place]"), "plain-payment")
    visitor.press("Pay by card", "plain-sandbox")
    visitor.fill(number="4242 4242 4242 4242")
    visitor.press("Pay", "plain-paid")
    expect(page.get_by_role("heading", level=1)).to_have_text(visitor.say("Paid. Thank you."))
    house.turn()
    order = Order.objects.get()
    moment = world.ship(_seller_of(cloth), order, house.now())
    house.ahead += moment - house.now()
    visitor.go(f"/orders/{order.id}/", "plain-order")
    visitor.press("I received it, release the money", "plain-completed", confirm=True)
    order.refresh_from_db()
    assert order.state == "COMPLETED"


def _seller_of(listing: Listing) -> world.Person:
    from core.identity.selectors import actor_for_user
    from core.models import User

    user = User.objects.get(memberships__organisation_id=listing.seller_id)
    return world.Person(user, actor_for_user(user, listing.seller_id))
