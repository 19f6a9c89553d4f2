"""A first-time seller lists something in a few steps, and runs the shop: plans, versions, many listings at once, a check."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from playwright.sync_api import expect

from marketplace.catalog.models import Listing
from marketplace.drafts.models import ListingDraft
from tests import world
from tests.journeys.conftest import World
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]
SECONDS_EACH = 7
"""What filling a field or pressing a button takes somebody who reads it for the first time."""


class Counted:
    """Counts what a person does, to tell how long a form takes."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.done = 0

    def fill(self, **fields: str) -> None:
        self.done += len(fields)
        self.visitor.fill(**fields)

    def press(self, text: str, name: str) -> None:
        self.done += 1
        self.visitor.press(text, name)


def log_in(visitor: Visitor, person: world.Person, name: str) -> Visitor:
    visitor.go("/accounts/login/", f"{name}-login")
    visitor.log_in(person.user.email, world.PASSWORD, f"{name}-home")
    return visitor


def picture() -> dict[str, object]:
    buffer = io.BytesIO()
    Image.new("RGB", (800, 600), (120, 90, 60)).save(buffer, "JPEG")
    return {"name": "cloth.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}


@pytest.mark.parametrize(("screen", "language"), [("desktop", "en"), ("phone", "es")])
def test_a_seller_lists_and_runs_the_shop(house: World, visit, screen: str, language: str) -> None:
    now = house.now()
    person = world.open_seller(now)
    seller = log_in(visit(screen=screen, language=language), person, "seller")
    list_in_three_minutes(seller)
    listing = Listing.objects.get()
    plan_and_alert(seller, listing)
    change_many(house, seller, person)
    be_checked(house, seller, person, log_in(visit(screen=screen, language="en"), operator(house), "operator"))


def operator(house: World) -> world.Person:
    return world.person(house.now(), name="Operator", is_operator=True)


def list_in_three_minutes(seller: Visitor) -> None:
    seller.go("/sell/listings/", "listings-empty")
    by = Counted(seller)
    seller.go("/sell/listings/new/", "choose-category")
    seller.click(seller.page.locator("button[value='table-linen']"), "draft-what")
    by.fill(title="Stonewashed linen tablecloth", attribute_material="linen")
    by.fill(description="Woven and washed in Valencia, hemmed by hand.")
    expect(seller.page.locator("[hx-post$='autosave/']")).to_contain_text(":")
    assert ListingDraft.objects.get().values["title"] == "Stonewashed linen tablecloth"
    by.press("Go on", "draft-pictures")
    seller.page.locator("[name=pictures]").set_input_files([picture(), picture()])
    by.press("Add the pictures", "draft-pictures-added")
    by.fill(alt="A folded tablecloth")
    by.press("Go on", "draft-price")
    by.fill(price="34,50" if seller.language == "es" else "34.50", stock="8")
    by.press("Go on", "draft-parcel")
    by.fill(weight_grams="900", length_mm="320", width_mm="240", height_mm="60")
    by.press("Go on", "draft-check")
    by.press("Put on sale", "listing-on-sale")
    assert (by.done + 4) * SECONDS_EACH < 180  # 4: into the form, the category, the file dialogue and the files


def plan_and_alert(seller: Visitor, listing: Listing) -> None:
    assert listing.state == "PUBLISHED"
    seller.fill(at_most="3")
    seller.press("Save the alert", "alert-saved")
    seller.fill(title="Stonewashed linen tablecloth, 180 cm")
    seller.press("Save", "listing-saved")
    seller.go(f"/sell/listings/{listing.id}/versions/", "versions")
    seller.click(seller.page.locator("form[action$='/1/restoration/'] button").first, "version-back")
    listing.refresh_from_db()
    assert listing.title == "Stonewashed linen tablecloth"
    seller.go(f"/sell/listings/{listing.id}/", "listing-again")
    seller.press("Duplicate", "listing-copy")
    seller.page.locator("[name=publish_at]").fill("2099-01-01T10:00")
    seller.press("Plan it", "plan-too-late")
    seller.go("/sell/drafts/", "drafts-empty")


def change_many(house: World, seller: Visitor, person: world.Person) -> None:
    for number in range(3):
        world.published(person, house.now(), title=f"Linen napkin number {number}")
    seller.go("/sell/listings/", "listings")
    for box in seller.page.locator("input[form=chosen]").all()[:2]:
        box.check()
    seller.press("Change the ticked ones", "changes")
    expect(seller.page.locator("[name=stock]")).to_be_hidden()
    seller.fill(percent="-10")
    seller.press("Show what it would do", "changes-tried")
    seller.click(seller.page.locator("button[name=apply]"), "changes-done")
    assert Listing.objects.filter(price_minor=4320).count() == 2


def be_checked(house: World, seller: Visitor, person: world.Person, chief: Visitor) -> None:
    held = world.published(person, house.now(), title="Letter opener like a dagger")
    seller.go(f"/sell/listings/{held.id}/", "listing-held")
    seller.go(f"/sell/listings/{held.id}/review/", "review")
    chief.go("/admin/marketplace/moderationcase/?state__exact=OPEN", "admin-queue")
    chief.page.locator("input[name=_selected_action]").first.check()
    chief.page.locator("select[name=action]").select_option("refuse")
    chief.page.locator("input[name=reason]").fill("Say how long the blade is.")
    with chief.page.expect_navigation():
        chief.page.locator("button[name=index], button[type=submit][title]").first.click()
    held.refresh_from_db()
    assert held.state == "WITHDRAWN"
    seller.go(f"/sell/listings/{held.id}/", "listing-refused")
    seller.go(f"/sell/listings/{held.id}/review/", "review-refused")
