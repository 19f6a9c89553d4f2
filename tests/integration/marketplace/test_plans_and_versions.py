"""Going on sale by itself, versions and what they bring back, copies, pictures in order, and stock alerts."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core import mail
from django.test import Client
from PIL import Image

from core.errors import InvalidInput, NotFound, TransitionRefused
from core.money import Money
from core.outbox.models import EventRecord
from marketplace.catalog import pictures, pricing
from marketplace.catalog import services as catalog
from marketplace.catalog.alerts import set_stock_alert, tell_low_stock
from marketplace.catalog.copies import duplicate_listing
from marketplace.catalog.letters import send_low_stock, send_not_published
from marketplace.catalog.models import Listing, ListingRevision, StockAlert
from marketplace.catalog.scheduling import cancel_publication, publish_due_listings, schedule_publication
from marketplace.catalog.selectors import low_stock
from marketplace.catalog.versions import restore_version, values_of_version
from marketplace.contracts import ListingNotFound, ProductSafety
from marketplace.screening import ListingProhibited
from marketplace.sellers import services as sellers
from tests import world

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def seller(now):
    return world.open_seller(now)


@pytest.fixture
def draft(seller, now):
    return catalog.create_listing(listing=world.listing_input(), actor=seller.actor, now=now)


def events(name):
    return list(EventRecord.objects.filter(name=f"marketplace.listing.{name}.v1"))


def test_a_plan_puts_it_on_sale_at_its_moment_and_once(seller, draft, now):
    who = {"listing_id": draft.id, "actor": seller.actor, "now": now}
    schedule_publication(at=now + HOUR, **who)
    assert publish_due_listings(now=now + HOUR - timedelta(seconds=1)) == 0
    assert publish_due_listings(now=now + HOUR) == 1
    assert publish_due_listings(now=now + HOUR) == 0
    draft.refresh_from_db()
    assert (draft.state, draft.published_at, draft.publish_at) == ("PUBLISHED", now + HOUR, None)
    assert draft.revisions.first().actor == "SYSTEM:schedule"
    assert len(events("published")) == 1


def test_a_plan_can_be_changed_and_taken_back(seller, draft, now):
    who = {"listing_id": draft.id, "actor": seller.actor, "now": now}
    schedule_publication(at=now + HOUR, **who)
    schedule_publication(at=now + 2 * HOUR, **who)
    assert publish_due_listings(now=now + HOUR) == 0
    cancel_publication(**who)
    cancel_publication(**who)
    assert publish_due_listings(now=now + 3 * HOUR) == 0
    schedule_publication(at=now + HOUR, **who)
    catalog.publish_listing(**who)
    assert publish_due_listings(now=now + 3 * HOUR) == 0


@pytest.mark.parametrize("hours", [-1, 0, 181 * 24])
def test_a_plan_lies_within_half_a_year(seller, draft, now, hours):
    with pytest.raises(InvalidInput) as refused:
        schedule_publication(listing_id=draft.id, at=now + hours * HOUR, actor=seller.actor, now=now)
    assert refused.value.field == "publish_at"


def test_what_cannot_go_on_sale_is_told_at_once(seller, now):
    toy = catalog.create_listing(
        listing=world.listing_input(category_code="wooden-toys", attributes={"material": "beech"}), actor=seller.actor,
        now=now,
    )  # fmt: skip
    on_sale = world.published(seller, now)
    for listing, error in ((toy, InvalidInput), (on_sale, TransitionRefused)):
        with pytest.raises(error):
            schedule_publication(listing_id=listing.id, at=now + HOUR, actor=seller.actor, now=now)
    with pytest.raises(ListingNotFound):
        schedule_publication(listing_id=toy.id, at=now + HOUR, actor=world.open_seller(now).actor, now=now)


def test_a_plan_that_fails_is_dropped_and_its_seller_told_why(seller, draft, now):
    schedule_publication(listing_id=draft.id, at=now + HOUR, actor=seller.actor, now=now)
    sellers.suspend_seller(
        seller_id=seller.organisation_id, reason="x", actor=world.person(now, is_operator=True).actor, now=now
    )
    assert publish_due_listings(now=now + HOUR) == 1
    draft.refresh_from_db()
    assert (draft.state, draft.publish_at) == ("DRAFT", None)
    (event,) = events("not_published")
    send_not_published(listing_id=draft.id, reason=event.payload["reason"])
    assert event.payload["reason"] in mail.outbox[-1].body


def test_an_old_version_comes_back_as_a_new_one(seller, draft, now):
    who = {"listing_id": draft.id, "actor": seller.actor, "now": now}
    catalog.set_safety(safety=ProductSafety(maker_name="Alfa"), **who)
    catalog.update_listing(listing=world.listing_input(title="Second title", stock=4, price=Money(5000, "EUR")), **who)
    catalog.update_listing(listing=world.listing_input(title="Third title", handling_days=9, stock=4), **who)
    catalog.set_safety(safety=ProductSafety(maker_name="Beta"), **who)
    row = restore_version(version=2, **who)
    assert (row.title, row.handling_days, row.safety, row.version) == (
        "Stonewashed linen tablecloth", 1, {"maker_name": "Alfa"}, 6
    )  # fmt: skip
    assert (row.price_minor, row.stock.on_hand) == (4800, 4)
    row = restore_version(version=3, **who)
    assert row.title == "Second title"
    assert row.price_minor == 4800
    for version in (0, 7, 99):
        with pytest.raises(NotFound):
            restore_version(version=version, **who)


def test_what_the_rules_refuse_today_does_not_come_back(seller, draft, now):
    who = {"listing_id": draft.id, "actor": seller.actor, "now": now}
    catalog.update_listing(listing=world.listing_input(title="Toy pistol"), **who)
    catalog.update_listing(listing=world.listing_input(), **who)
    catalog.publish_listing(**who)
    with pytest.raises(ListingProhibited):
        restore_version(version=2, **who)
    assert Listing.objects.get().title == "Stonewashed linen tablecloth"


def test_changes_are_undone_from_the_newest_to_the_oldest():
    later = [{"title": ["b", "c"]}, {"title": ["a", "b"], "price_minor": [1, 2]}, {"state": ["DRAFT", "PUBLISHED"]}]
    assert values_of_version({"title": "c", "brand": "x"}, later) == {"title": "a", "brand": "x"}


def test_the_page_of_versions_shows_who_changed_what(seller, draft, now, django_assert_max_num_queries):
    long = "A tablecloth of washed linen, hemmed by hand in our own workshop by the sea."
    catalog.update_listing(
        listing_id=draft.id, listing=world.listing_input(description=long, price=Money(5250, "EUR")), actor=seller.actor,
        now=now,
    )  # fmt: skip
    catalog.update_listing(
        listing_id=draft.id, listing=world.listing_input(description=long.replace("sea", "river"), price=Money(5250, "EUR")),
        actor=seller.actor, now=now,
    )  # fmt: skip
    client, path = Client(), f"/sell/listings/{draft.id}/versions/"
    client.force_login(seller.user)
    page = client.get(path).content.decode()
    for text in (seller.user.name, "<del>€48.00</del>", "<ins>€52.50</ins>", "<del>sea.</del>", "<ins>river.</ins>"):
        assert text in page, text
    with django_assert_max_num_queries(12):
        client.get(path)
    assert client.post(f"{path}1/restoration/").status_code == 302
    draft.refresh_from_db()
    assert (draft.description, draft.version) == ("Washed linen, hemmed.", 4)


def test_a_copy_says_the_same_and_is_a_draft_without_stock(seller, now):
    listing = world.published(seller, now, sku="ONE", gtin="4006381333931")
    pictures.add_photo(listing_id=listing.id, data=png(), alt="White", actor=seller.actor, now=now)
    pricing.start_reduction(
        listing_id=listing.id, price=Money(4000, "EUR"), ends_at=now + 24 * HOUR, actor=seller.actor, now=now + HOUR
    )
    made = duplicate_listing(listing_id=listing.id, actor=seller.actor, now=now + HOUR)
    assert (made.state, made.sku, made.gtin, made.stock.on_hand) == ("DRAFT", "", "", 0)
    assert (made.title, made.price_minor, made.prior_minor) == (listing.title, 4800, None)
    assert [p.alt for p in made.photos.all()] == ["White"]
    with pytest.raises(ListingNotFound):
        duplicate_listing(listing_id=listing.id, actor=world.open_seller(now).actor, now=now)


def png():
    buffer = BytesIO()
    image = Image.new("RGB", (30, 20), (200, 10, 10))
    exif = image.getexif()
    exif[271] = "Secret camera"
    image.save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


def test_pictures_are_put_in_order_described_and_stripped(seller, draft, now, settings):
    who = {"listing_id": draft.id, "actor": seller.actor}
    one, two, three = [pictures.add_photo(data=png(), alt=alt, now=now, **who) for alt in ("a", "b", "")]
    pictures.move_photo(photo_id=three.id, earlier=True, **who)
    pictures.move_photo(photo_id=one.id, earlier=True, **who)
    pictures.describe_photo(photo_id=three.id, alt=" seen from above ", **who)
    assert [p.alt for p in draft.photos.all()] == ["a", "seen from above", "b"]
    pictures.remove_photo(photo_id=one.id, now=now, **who)
    pictures.remove_photo(photo_id=one.id, now=now, **who)
    assert [p.position for p in draft.photos.all()] == [0, 1]
    assert draft.revisions.count() == 5
    with pytest.raises(NotFound):
        pictures.move_photo(photo_id=one.id, earlier=True, **who)
    with Image.open(settings.MEDIA_ROOT / "listings" / f"{two.name}-s.webp") as kept:
        assert not kept.getexif()


def sell(listing, quantity):
    catalog.reserve_stock(quantities={listing.id: quantity})


def test_little_left_is_told_once_per_crossing(seller, now):
    listing, other = world.published(seller, now), world.published(seller, now, title="Another cloth", stock=1)
    set_stock_alert(listing_id=listing.id, at_most=4, actor=seller.actor)
    assert tell_low_stock(now=now) == 0
    sell(listing, 6)
    assert [tell_low_stock(now=now) for _ in range(2)] == [1, 0]
    assert low_stock(seller.organisation_id) == [other, listing]
    (event,) = events("low_on_stock")
    assert event.payload["left"] == 4
    send_low_stock(listing_id=listing.id, left=4)
    assert "4 pieces are left." in mail.outbox[-1].body
    catalog.give_back_reservation(quantities={listing.id: 6})
    assert tell_low_stock(now=now) == 0
    sell(listing, 7)
    assert tell_low_stock(now=now) == 1


def test_an_alert_is_set_changed_and_switched_off(seller, now):
    listing, client = world.published(seller, now), Client()
    client.force_login(seller.user)
    path = f"/sell/listings/{listing.id}/stock-alert/"
    assert client.post(path, {"at_most": "20"}).status_code == 302
    assert tell_low_stock(now=now) == 1
    assert client.post(path, {"at_most": "-3"}).status_code == 302
    assert StockAlert.objects.get().at_most == 20
    client.post(path, {"at_most": ""})
    assert not StockAlert.objects.exists()
    with pytest.raises(InvalidInput):
        set_stock_alert(listing_id=listing.id, at_most=-1, actor=seller.actor)


def test_the_editor_plans_and_copies(seller, draft, now):
    client = Client()
    client.force_login(seller.user)
    path = f"/sell/listings/{draft.id}/"
    client.post(f"{path}schedule/", {"publish_at": "nonsense"})
    assert Listing.objects.get().publish_at is None
    client.post(f"{path}schedule/", {"publish_at": "2099-01-01T10:00"})
    assert "180 days" in client.get(path).content.decode()
    Listing.objects.update(publish_at=now + HOUR)
    assert "Goes on sale" in client.get(path).content.decode()
    client.post(f"{path}schedule/", {"cancel": "1"})
    assert Listing.objects.get().publish_at is None
    assert client.post(f"{path}copy/").status_code == 302
    assert ListingRevision.objects.filter(changes__has_key="created").count() == 2
