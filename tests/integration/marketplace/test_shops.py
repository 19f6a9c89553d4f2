"""Shop pages: design and preview, holidays, collections, old addresses, followers and their digest."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from core.errors import InvalidInput, NotFound
from marketplace.carts.selectors import CartOwner, delivery_options, view_cart
from marketplace.carts.services import set_line
from marketplace.catalog.models import Signals
from marketplace.catalog.services import withdraw_listing
from marketplace.contracts import AwayMode, OwnGoods, ShopAway, ShopInput
from marketplace.search.node import SearchNode
from marketplace.sellers import services as sellers
from marketplace.sellers.models import OldSlug, Seller
from marketplace.sellers.selectors import get_seller
from marketplace.shops import selectors, services
from marketplace.shops.letters import tell_followers_news
from marketplace.shops.models import Follow, ShopPage
from marketplace.tasks import end_holidays_task, tell_followers_task
from tests import world

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def index(settings, tmp_path, now, monkeypatch):
    settings.SEARCH_INDEX_DIR = tmp_path / "index"
    node = SearchNode(tmp_path / "index")
    assert node.become_writer()
    monkeypatch.setattr("marketplace.search.selectors.node", lambda: node)
    node.rebuild(now=now)
    yield
    node.release_writer()


def scene(now):
    seller = world.open_seller(now)
    return seller, world.person(now), world.published(seller, now)


def slug_of(seller):
    return get_seller(seller.organisation_id).slug


def client_of(person):
    client = Client()
    client.force_login(person.user)
    return client


def save(seller, now, **changes):
    return services.save_shop(shop=ShopInput(**({"design": "MARKET"} | changes)), actor=seller.actor, now=now)


def banner():
    buffer = io.BytesIO()
    Image.new("RGB", (400, 100)).save(buffer, "PNG")
    return buffer.getvalue()


def test_a_shop_on_holiday_is_seen_but_sells_nothing(now):
    seller, buyer, listing = scene(now)
    owner = CartOwner(organisation_id=buyer.organisation_id)
    set_line(owner=owner, listing_id=listing.id, quantity=1, now=now)
    save(seller, now, away_mode=AwayMode.CLOSED, away_until=date(2026, 3, 20), away_note="At the sea.")
    with pytest.raises(ShopAway):
        set_line(owner=owner, listing_id=listing.id, quantity=2, now=now)
    assert view_cart(owner).groups[0].lines[0].problem == "AWAY"
    with pytest.raises(ShopAway):
        world.place(buyer, now)
    page = client_of(buyer).get(f"/listings/{listing.id}/").content.decode()
    assert "This shop is on holiday" in page
    assert "At the sea." in page
    assert "Put in cart" not in page
    assert "20 March 2026" in client_of(buyer).get(f"/shops/{slug_of(seller)}/").content.decode()
    assert "on holiday" in client_of(buyer).get("/cart/").content.decode()
    assert sellers.end_holidays(today=date(2026, 3, 19)) == 0
    assert sellers.end_holidays(today=date(2026, 3, 20)) == 1
    world.place(buyer, now)


def test_orders_may_take_longer(now):
    seller, buyer, listing = scene(now)
    owner = CartOwner(organisation_id=buyer.organisation_id)
    set_line(owner=owner, listing_id=listing.id, quantity=1, now=now)

    def latest():
        return (
            delivery_options(cart=view_cart(owner), address=world.VALENCIA, now=now)[seller.organisation_id]
            .quotes[0]
            .latest
        )

    before = latest()
    save(seller, now, away_mode=AwayMode.LONGER, away_days=10)
    assert latest() >= before + timedelta(days=10)
    assert "10 days longer" in Client().get(f"/listings/{listing.id}/").content.decode()
    save(seller, now)
    assert latest() == before
    assert Seller.objects.get(pk=seller.organisation_id).away_days == 0
    assert end_holidays_task() == 0


def test_an_old_address_leads_to_the_new_one_and_is_nobody_elses(now):
    seller, _buyer, _listing = scene(now)
    old = slug_of(seller)
    sellers.save_profile(profile=world.profile("Telares Ruiz", slug="telares-nuevos"), actor=seller.actor, now=now)
    answer = Client().get(f"/shops/{old}/")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/shops/telares-nuevos/")
    other = world.person(now)
    with pytest.raises(InvalidInput):
        sellers.save_profile(profile=world.profile("Other", slug=old), actor=other.actor, now=now)
    sellers.save_profile(profile=world.profile("Telares Ruiz", slug=old), actor=seller.actor, now=now)
    assert Client().get(f"/shops/{old}/").status_code == 200
    assert list(OldSlug.objects.values_list("slug", flat=True)) == ["telares-nuevos"]
    assert Client().get("/shops/nobody/").status_code == 404


def test_design_preview_and_picture(now, settings):
    seller, buyer, _listing = scene(now)
    client = client_of(seller)
    typed = {"design": "ATELIER", "tagline": "Linen since 1921", "away_mode": "OPEN", "away_days": "0"}
    preview = client.post("/sell/shop/preview/", typed).content.decode()
    assert "shopfront atelier" in preview
    assert "Linen since 1921" in preview
    assert "shopfront classic" in client.post("/sell/shop/preview/", {"design": "<x>"}).content.decode()
    shown = client.post("/sell/shop/", {**typed, "then": "preview"}).content.decode()
    assert "shopfront atelier" in shown
    assert not ShopPage.objects.exists(), "a preview saves nothing"
    assert client.post("/sell/shop/", {**typed, "design": "PINK"}).status_code == 422
    assert client.post("/sell/shop/", {**typed, "away_mode": "LONGER"}).status_code == 422
    assert client.post("/sell/shop/", typed).status_code == 302
    page = f"/shops/{slug_of(seller)}/"
    assert "shopfront atelier" in Client().get(page).content.decode()
    client.post("/sell/shop/banner/", {"banner": SimpleUploadedFile("b.png", banner())})
    name = Seller.objects.get(pk=seller.organisation_id).banner
    assert (settings.MEDIA_ROOT / "listings" / f"{name}-l.webp").exists()
    assert name in Client().get(page).content.decode()
    client.post("/sell/shop/banner/", {"banner": SimpleUploadedFile("b.png", b"<svg>")})
    assert Seller.objects.get(pk=seller.organisation_id).banner == name
    client.post("/sell/shop/banner/", {"remove": "1"})
    assert Seller.objects.get(pk=seller.organisation_id).banner == ""
    assert client_of(buyer).get("/sell/shop/").status_code == 302
    assert client_of(buyer).post("/sell/shop/preview/").status_code == 404
    with pytest.raises(NotFound):
        save(buyer, now)


def test_collections_hold_own_goods(now):
    seller, buyer, listing = scene(now)
    other = world.published(world.open_seller(now), now)
    made = services.add_collection(title="Spring", listing_ids=[listing.id], actor=seller.actor, now=now)
    for title, ids in (
        ("", [listing.id]),
        ("x" * 81, [listing.id]),
        ("A", []),
        ("A", [other.id]),
        ("Spring", [listing.id]),
    ):
        with pytest.raises(InvalidInput):
            services.add_collection(title=title, listing_ids=ids, actor=seller.actor, now=now)
    with pytest.raises(NotFound):
        services.remove_collection(collection_id=made.id, actor=buyer.actor, now=now)
    client = client_of(seller)
    here = f"/sell/shop/collections/{made.id}/"
    assert client.get(here).status_code == 200
    assert client_of(world.open_seller(now)).get(here).status_code == 404
    assert client.post(here, {"title": "Summer", "listings": [str(listing.id)]}).status_code == 302
    assert client.post("/sell/shop/collections/", {"title": "Autumn", "listings": [str(other.id)]}).status_code == 422
    page = f"/shops/{slug_of(seller)}/"
    assert "Summer" in Client().get(page).content.decode()
    withdraw_listing(listing_id=listing.id, actor=seller.actor, now=now)
    assert "Summer" not in Client().get(page).content.decode()
    assert client.post(f"{here}removal/").status_code == 302
    assert selectors.collections_of(seller.organisation_id) == []


def test_following_and_the_digest(now):
    seller, buyer, _listing = scene(now)
    with pytest.raises(OwnGoods):
        services.follow_shop(seller_id=seller.organisation_id, actor=seller.actor, now=now)
    page = f"/shops/{slug_of(seller)}/"
    client = client_of(buyer)
    assert Client().post(f"{page}following/").status_code == 302
    for _ in range(2):
        services.follow_shop(seller_id=seller.organisation_id, actor=buyer.actor, now=now)
    assert Follow.objects.count() == 1
    assert "Stop" in client.get(page).content.decode()
    assert "Telares Ruiz" in client.get("/account/followed-shops/").content.decode()
    later = now + timedelta(days=2)
    assert selectors.due_digests(now=later) == []
    world.published(seller, now + timedelta(hours=1), title="A new cloth")
    assert selectors.due_digests(now=now + timedelta(hours=2)) == []
    assert selectors.due_digests(now=later) == [buyer.organisation_id]
    assert tell_followers_news(organisation_id=buyer.organisation_id, now=later)
    assert "A new cloth" in mail.outbox[-1].body
    assert selectors.due_digests(now=later + timedelta(days=2)) == []
    assert not tell_followers_news(organisation_id=buyer.organisation_id, now=later)
    assert tell_followers_task() == 0
    client.post(f"{page}following/", {"stop": "1"})
    assert not Follow.objects.exists()
    client.post(f"{page}following/")
    assert Follow.objects.count() == 1


def test_the_api(now):
    seller, buyer, listing = scene(now)
    selling, buying = client_of(seller), client_of(buyer)
    put = {"content_type": "application/json"}
    body = {"design": "MARKET", "tagline": "Linen", "away_mode": "LONGER", "away_days": 3}
    assert selling.put("/api/v1/seller/shop/", body, **put).json()["away_days"] == 3
    assert selling.put("/api/v1/seller/shop/", {"design": "PINK"}, **put).status_code in {400, 422}
    assert buying.put("/api/v1/seller/shop/", body, **put).status_code == 404
    shop = Client().get(f"/api/v1/shops/{slug_of(seller)}/").json()
    assert (shop["design"], shop["badges"], shop["reply_share"]) == ("MARKET", ["NEW_SHOP"], None)
    follow = f"/api/v1/shops/{slug_of(seller)}/following/"
    assert Client().put(follow).status_code in {401, 403}
    assert buying.put(follow).status_code == 204
    assert buying.get("/api/v1/shops/followed/").json()["results"][0]["slug"] == slug_of(seller)
    assert buying.delete(follow).status_code == 204
    made = selling.post("/api/v1/seller/collections/", {"title": "A", "listing_ids": [str(listing.id)]}, **put).json()
    here = f"/api/v1/seller/collections/{made['id']}/"
    assert selling.put(here, {"title": "B", "listing_ids": [str(listing.id)]}, **put).json()["title"] == "B"
    assert client_of(world.open_seller(now)).delete(here).status_code == 404
    assert selling.get("/api/v1/seller/collections/").json()[0]["listing_ids"] == [str(listing.id)]
    assert selling.delete(here).status_code == 204


def test_the_page_costs_the_same_whatever_it_shows(now):
    seller, buyer, listing = scene(now)
    client, path = client_of(buyer), f"/shops/{slug_of(seller)}/"

    def show(listings, number):
        Signals.objects.filter(listing__in=listings).update(units_sold_30d=number)
        for count in range(number):
            services.add_collection(
                title=f"{number}/{count}", listing_ids=[one.id for one in listings], actor=seller.actor, now=now
            )

    def counted():
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    show([listing], 1)
    few = counted()
    show([world.published(seller, now, title=f"Cloth number {n}") for n in range(6)], 3)
    assert counted() == few
