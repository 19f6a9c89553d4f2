"""One order travels the whole loop on pages, as people do it: desktop and phone, English and Spanish."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
import zxingcpp
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from core.money import Money
from core.web.mailbox import list_letters
from logistics import facade as logistics
from marketplace.catalog import pictures
from marketplace.catalog import services as catalog
from marketplace.catalog.models import Listing
from marketplace.orders import services as orders
from marketplace.orders.models import Order, Purchase
from payments import facade as payments
from tests import world
from tests.journeys.conftest import World
from tests.journeys.visitor import Visitor
from tests.unit.logistics.test_label import from_pdf
from trust.verification.models import VerificationCase

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]
SELLER_EMAIL = "rosa@example.org"
DECLINED, ASKING = "4000000000000002", "4000000000003220"


def picture(colour: tuple[int, int, int] = (180, 120, 70)) -> bytes:
    """A photograph, as far as a program can take one."""
    image = Image.new("RGB", (1000, 750), (240, 235, 225))
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((180, 160, 820, 600), 60, fill=colour)
    for x in range(200, 820, 40):
        pen.line((x, 160, x, 600), fill=(255, 255, 255), width=3)
    stored = io.BytesIO()
    image.save(stored, "JPEG", quality=85)
    return stored.getvalue()


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("screen", ["desktop", "phone"])
def test_the_whole_loop(house: World, visit, screen: str, language: str) -> None:
    def open_visitor() -> Visitor:
        return visit(screen=screen, language=language)

    operator = world.person(house.now(), is_operator=True)
    seller, chief, buyer = open_visitor(), open_visitor(), open_visitor()
    open_a_shop(house, seller, chief, operator)
    mine = list_a_product(house, seller)
    house.ahead += timedelta(days=3)  # the rival is newer, which is all that speaks for it
    rival = _a_rival(house)
    person = world.person(house.now(), name="Ana Prueba")
    find_and_compare(house, buyer)
    fill_the_cart(buyer, mine, rival)
    check_out(buyer, person.user.email)
    pay(house, buyer)
    first = Order.objects.get(seller_id=mine.seller_id)
    second = Order.objects.exclude(seller_id=mine.seller_id).get()
    _ship_quietly(house, second)
    ship(house, seller, buyer, first)
    confirm(house, seller, buyer, first)
    dispute(house, buyer, chief, open_visitor(), second)
    review(house, buyer, seller, first, mine)
    look_at_figures(seller, mine)


def _a_rival(house: World) -> Listing:
    """A second seller with a tablecloth of fitting name, on sale."""
    seller = world.open_seller(house.now(), name="Alfar Norte", country="PT")
    listing = catalog.create_listing(
        listing=world.listing_input(
            title="Striped linen tablecloth", description="Woven by hand in the north.", price=Money(5900, "EUR")
        ),
        actor=seller.actor,
        now=house.now(),
    )
    pictures.add_photo(listing_id=listing.id, data=picture((70, 110, 150)), alt="A blue tablecloth", actor=seller.actor,
                      now=house.now())  # fmt: skip
    catalog.publish_listing(listing_id=listing.id, actor=seller.actor, now=house.now())
    house.recompute()
    return listing


# --- 1: a shop


def open_a_shop(house: World, seller: Visitor, chief: Visitor, operator: world.Person) -> None:
    seller.go("/", "home")
    seller.follow("Sell", "login")
    seller.follow("Create an account", "signup")
    seller.fill(
        name="Rosa Ruiz", email=SELLER_EMAIL, country="ES", password1="telar-azul-42", password2="telar-azul-42"
    )
    seller.press("Create the account", "code")
    seller.page.locator("main [name=code]").fill(_mailed_code())
    seller.page.locator("main [name=code]").press("Enter")
    seller.page.wait_for_url("**/sell/")
    seller.look("sell")
    seller.fill(
        name="Telares Ruiz", slug="telares-ruiz", legal_name="Telares Ruiz SL", registration_number="B12345674",
        street="Calle del Telar 3", city="Valencia", postcode="46001", country="ES", handling_days="1",
        story="We weave linen on wooden looms.",
    )  # fmt: skip
    seller.press("Save and ask for verification", "sell-submitted")
    house.turn()
    chief.page.goto("/admin/")
    chief.look("admin-login")
    chief.log_in(operator.user.email, world.PASSWORD, "admin")
    chief.go("/admin/trust/verificationcase/?state=OPEN", "admin-cases")
    chief.click(chief.page.get_by_role("link", name="Telares Ruiz"), "admin-case")
    chief.fill(reason="The register confirms it.")
    chief.press("Approve", "admin-case-decided")
    assert VerificationCase.objects.get(seller_name="Telares Ruiz").state == "APPROVED"
    house.turn()
    seller.go("/sell/", "sell-verified")
    seller.press("Open the shop", "sell-open")
    seller.follow("See your shop", "shop-empty")


def _mailed_code() -> str:
    letter = next(one for one in list_letters() if SELLER_EMAIL in one.recipients)
    found = re.search(r"^\s*([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$", letter.text, re.MULTILINE)
    assert found, letter.text
    return found.group(1)


# --- 2: a listing


def list_a_product(house: World, seller: Visitor) -> Listing:
    seller.go("/sell/listings/", "listings-empty")
    seller.follow("List something", "choose-category", within="main")
    seller.click(seller.page.locator("button[value='table-linen']"), "draft-what")
    seller.fill(
        title="Stonewashed linen tablecloth", description="Woven and washed in Valencia. Hemmed by hand.",
        attribute_material="linen", attribute_colour="natural",
    )  # fmt: skip
    seller.press("Go on", "draft-pictures")
    seller.page.locator("[name=pictures]").set_input_files(
        {"name": "cloth.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    )
    seller.press("Add the pictures", "draft-pictures-added")
    seller.fill(alt="A folded tablecloth")
    seller.press("Go on", "draft-price")
    seller.fill(price="34,505" if seller.language == "es" else "34.505", stock="8")
    seller.press("Go on", "draft-wrong-price")
    expect(seller.page.locator(".field-error")).to_have_count(1)
    seller.fill(price="34,50" if seller.language == "es" else "34.50")
    seller.press("Go on", "draft-parcel")
    seller.fill(weight_grams="900", length_mm="320", width_mm="240", height_mm="60", handling_days="1")
    seller.press("Go on", "draft-check")
    seller.press("Put on sale", "edit-listing-on-sale")
    listing = Listing.objects.get(title="Stonewashed linen tablecloth")
    assert (listing.price, listing.state) == (Money(3450, "EUR"), "PUBLISHED")
    house.turn()
    seller.go("/sell/listings/", "listings")
    return listing


# --- 3: finding, comparing, the cart, the checkout


def find_and_compare(house: World, buyer: Visitor) -> None:
    buyer.go("/", "home-guest")
    box = buyer.page.get_by_role("combobox", name=buyer.say("Search"), exact=True)
    box.fill("linen tablecloth")
    box.press("Enter")
    buyer.page.wait_for_url("**/search/**")
    buyer.look("search")
    expect(buyer.page.locator("article.item")).to_have_count(2)
    assert "Striped linen tablecloth" in buyer.page.locator("article.item").first.inner_text()
    if buyer.screen == "phone":
        buyer.page.locator("details.only-s > summary").click()
    buyer.page.locator(".facets:visible label", has_text="natural").locator("input").check()
    buyer.page.wait_for_url("**natural**")
    expect(buyer.page.locator("article.item")).to_have_count(1)
    buyer.look("search-filtered")
    buyer.page.locator(".chips a.chip.on").first.click()
    expect(buyer.page.locator("article.item")).to_have_count(2)
    buyer.page.locator("article.item details summary").first.click()
    buyer.look("search-why")
    for box in buyer.page.locator("main input[name=id]").all():
        box.check()
    buyer.press("Compare chosen", "compare")
    expect(buyer.page.get_by_role("columnheader", name="linen")).to_have_count(2)
    buyer.go("/ranking/", "ranking")


def fill_the_cart(buyer: Visitor, mine: Listing, rival: Listing) -> None:
    for listing in (rival, mine):
        buyer.go(f"/listings/{listing.id}/", "listing")
        buyer.press("Put in cart", "cart-guest")
    expect(buyer.page.locator("main section.card")).to_have_count(2)
    buyer.page.locator(f"#q{mine.id}").fill("2")
    buyer.page.locator(f"#q{mine.id}").press("Enter")
    expect(buyer.page.locator(f"#q{mine.id}")).to_have_value("2")
    buyer.look("cart")


def check_out(buyer: Visitor, email: str) -> None:
    buyer.follow("Check out", "login-to-check-out", within="main")
    buyer.log_in(email, world.PASSWORD, "checkout")
    buyer.fill(name="Ana Prueba", street="Calle Mayor 1", postcode="46003", city="Valencia", country="ES")
    buyer.press("Go on to delivery", "checkout-review")
    offers = buyer.page.locator("fieldset.choices").first.locator("input[type=radio]")
    offers.last.check()
    buyer.press("Update the total", "checkout-updated")
    expect(buyer.page.locator("fieldset.choices").first.locator("input[type=radio]").last).to_be_checked()
    with buyer.page.expect_request(lambda request: request.method == "POST") as sent:
        buyer.page.locator("button[name=place]").dblclick()
    buyer.page.wait_for_url("**/payment/")
    body = sent.value.post_data
    again = buyer.context.request.post(
        "/checkout/review/", data=body, max_redirects=0,
        headers={"Content-Type": "application/x-www-form-urlencoded", "Referer": buyer.page.url},
    )  # fmt: skip
    assert again.status == 302, again.text()
    assert again.headers["location"] in buyer.page.url
    assert (Purchase.objects.count(), Order.objects.count()) == (1, 2)
    buyer.look("payment")


# --- 4: paying


def pay(house: World, buyer: Visitor) -> None:
    buyer.press("Pay by card", "sandbox-pay")
    buyer.fill(number=DECLINED)
    buyer.press("Pay", "payment-declined")
    expect(buyer.page.get_by_role("alert").first).to_be_visible()
    buyer.press("Pay by card", "sandbox-pay-again")
    buyer.fill(number=ASKING)
    buyer.press("Pay", "challenge")
    buyer.press("Yes, approve", "paid")
    expect(buyer.page.get_by_role("heading", level=1)).to_have_text(buyer.say("Paid. Thank you."))
    house.turn()
    buyer.go("/orders/", "orders")
    buyer.click(buyer.page.locator("main li.card a").first, "order-paid")
    steps = buyer.page.locator("ol.escrow li")
    assert [step.get_attribute("class") for step in steps.all()] == ["done", "done", "now", "todo", "todo"]


# --- 5: label, hand-over, tracking


def ship(house: World, seller: Visitor, buyer: Visitor, order: Order) -> None:
    seller.go("/sell/orders/", "sales")
    seller.click(seller.page.locator(f"main a[href='/orders/{order.id}/']"), "order-seller")
    seller.press("Get the label", "order-seller-label")
    link = seller.page.get_by_role("link", name=seller.say("Print the label"))
    label = seller.context.request.get(link.get_attribute("href"))
    assert label.headers["content-type"] == "application/pdf"
    number = logistics.find_shipment_for_order(order.id).tracking_number
    read = [code.text for code in zxingcpp.read_barcodes(from_pdf(label.body())[0])]
    assert any(number in text for text in read), (number, read)
    seller.go(f"/orders/{order.id}/packing-slip/", "packing-slip")
    seller.go(f"/orders/{order.id}/", "order-seller-label")
    seller.press("I handed it to the carrier", "order-seller-handed-over")
    house.pass_time(until=lambda: Order.objects.get(id=order.id).delivered_at is not None)
    for visitor, name in ((seller, "order-seller-delivered"), (buyer, "order-delivered")):
        visitor.go(f"/orders/{order.id}/", name)
        assert visitor.page.locator("ol.line li").count() >= 4
    buyer.go(f"/track/{number}/", "track")


def _ship_quietly(house: World, order: Order) -> None:
    """The second seller does the same, away from this browser."""
    actor = _owner_of(order)
    orders.book_shipment(order_id=order.id, actor=actor, now=house.now())
    orders.hand_over(order_id=order.id, actor=actor, now=house.now())


def _owner_of(order: Order):
    from core.identity.selectors import actor_for_user
    from core.models import User

    return actor_for_user(User.objects.get(memberships__organisation_id=order.seller_id), order.seller_id)


# --- 6: received, released


def confirm(house: World, seller: Visitor, buyer: Visitor, order: Order) -> None:
    buyer.go(f"/orders/{order.id}/", "order-to-confirm")
    buyer.press("I received it, release the money", "order-completed", confirm=True)
    escrow = payments.get_escrow(order.id)
    assert escrow.released == order.total
    house.turn()
    seller.go("/seller/money/", "money-available")
    seller.fill(holder="Telares Ruiz SL", iban="ES9121000418450200051332")
    seller.press("Save the bank account", "money-with-account")
    house.pass_time(until=lambda: any(p.state == "PAID" for p in payments.list_payouts(order.seller_id)))
    seller.go("/seller/money/", "money-paid-out")
    buyer.go(f"/orders/{order.id}/money/", "order-money")


# --- 7: a dispute, decided


def dispute(house: World, buyer: Visitor, chief: Visitor, rival: Visitor, order: Order) -> None:
    house.pass_time(until=lambda: Order.objects.get(id=order.id).delivered_at is not None)
    buyer.go(f"/orders/{order.id}/", "order-second-delivered")
    buyer.follow("Something is wrong", "dispute-form", within="main aside")
    buyer.fill(reason="DAMAGED", wish="PARTIAL_REFUND", description="One corner is torn.")
    buyer.press("Open the dispute", "dispute-open")
    buyer.page.locator("[name=file]").set_input_files(
        {"name": "torn.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    )
    buyer.press("Add the file", "dispute-evidence")
    assert payments.get_escrow(order.id).frozen
    house.turn()
    from core.models import User

    rival.go("/sell/disputes/", "login")
    rival.log_in(User.objects.get(memberships__organisation_id=order.seller_id).email, world.PASSWORD, "disputes")
    rival.click(rival.page.locator("main table a").first, "dispute-seller")
    rival.fill(text="It left us whole. We can give a part back.")
    rival.press("Send", "dispute-answered")
    rival.go(f"/orders/{order.id}/", "order-seller-disputed")
    chief.go("/admin/trust/dispute/?state=OPEN", "admin-disputes")
    chief.click(chief.page.get_by_role("link", name=order.number), "admin-dispute")
    chief.fill(refund="20,00" if chief.language == "es" else "20.00", seller_at_fault="yes", reason="Torn on arrival.")
    chief.press("Refund this amount", "admin-dispute-decided")
    house.turn()
    assert payments.get_escrow(order.id).refunded == Money(2000, "EUR")
    buyer.go(f"/orders/{order.id}/", "order-decided")
    buyer.go(f"/orders/{order.id}/dispute/", "dispute-decided")
    expect(buyer.page.locator("main")).to_contain_text("Torn on arrival.")


# --- 8: a review, and what it changes


def review(house: World, buyer: Visitor, seller: Visitor, order: Order, mine: Listing) -> None:
    buyer.go(f"/orders/{order.id}/reviews/", "review-form")
    buyer.fill(rating="5", title="Very good linen", text="Heavy, soft and well hemmed.")
    buyer.press("Publish the review", "review-published")
    house.recompute()
    buyer.go("/search/?q=linen+tablecloth", "search-after")
    first = buyer.page.locator("article.item").first
    expect(first).to_contain_text(mine.title)
    first.locator("details summary").click()
    expect(first).to_contain_text(buyer.say("Buyers rate it %(stars)s of 5.", stars="5.0"))
    buyer.go(f"/listings/{mine.id}/", "listing-reviewed")
    expect(buyer.page.locator("#reviews")).to_contain_text("Very good linen")
    buyer.go(f"/listings/{mine.id}/reviews/", "listing-reviews")
    seller.go("/sell/reviews/", "seller-reviews")
    seller.fill(text="Thank you, Ana.")
    seller.press("Answer in public", "seller-reviews-answered")
    buyer.go("/shops/telares-ruiz/", "shop")


# --- 9: the seller's figures


def look_at_figures(seller: Visitor, mine: Listing) -> None:
    seller.go("/sell/overview/", "dashboard")
    assert seller.page.locator("main svg[role=img], main figure svg").count() >= 2
    expect(seller.page.locator("#top").locator("xpath=..")).to_contain_text(mine.title[:20])
    seller.go("/sell/reputation/", "reputation")
