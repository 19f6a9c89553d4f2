"""One change to many listings: tried first, refused row by row, and never somebody else's."""

import json
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.errors import InvalidInput
from core.money import Money
from core.outbox.models import EventRecord
from marketplace.catalog import pricing
from marketplace.catalog import services as catalog
from marketplace.catalog.bulk import MAX_LISTINGS, BulkAction, BulkChange, change_listings
from marketplace.catalog.models import Listing, ListingRevision, Stock
from marketplace.contracts import PriceTier, SellingTerms
from tests import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def seller(now):
    return world.open_seller(now)


@pytest.fixture
def two(seller, now):
    return [
        world.published(seller, now, title=f"Linen cloth {n}", price=Money(1000 * n, "EUR")) for n in (1, 2)
    ]  # fmt: skip


def run(seller, listings, now, *, is_trial=False, **change):
    return change_listings(
        listing_ids=[one.id for one in listings], change=BulkChange(**change), is_trial=is_trial, actor=seller.actor,
        now=now,
    )  # fmt: skip


def prices():
    return sorted(Listing.objects.values_list("price_minor", flat=True))


def test_a_trial_says_what_would_happen_and_changes_nothing(seller, two, now):
    before = (prices(), ListingRevision.objects.count(), EventRecord.objects.count())
    change = {"action": BulkAction.PRICE_PERCENT, "basis_points": -1250}
    trial = run(seller, two, now, is_trial=True, **change)
    assert (prices(), ListingRevision.objects.count(), EventRecord.objects.count()) == before
    assert [(row.before, row.after) for row in trial] == [
        (Money(1000, "EUR"), Money(875, "EUR")), (Money(2000, "EUR"), Money(1750, "EUR"))
    ]  # fmt: skip
    assert run(seller, two, now, **change) == trial
    assert prices() == [875, 1750]


def test_what_is_refused_stays_and_the_others_go_on(seller, two, now):
    rows = run(seller, two, now, action=BulkAction.PRICE_AMOUNT, amount_minor=-1000)
    assert [row.message for row in rows] == ["The price is not usable.", ""]
    assert prices() == [1000, 1000]


def test_a_price_does_not_fall_below_its_own_prices_by_quantity(seller, two, now):
    terms = SellingTerms(tiers=(PriceTier(10, Money(1900, "EUR")),))
    pricing.set_terms(listing_id=two[1].id, terms=terms, actor=seller.actor, now=now)
    rows = run(seller, two, now, action=BulkAction.PRICE_PERCENT, basis_points=-500)
    assert rows[1].message == "Many pieces would cost more each than one."
    assert prices() == [950, 2000]


def test_stock_does_not_fall_below_what_is_promised(seller, two, now):
    catalog.reserve_stock(quantities={two[0].id: 4})
    rows = run(seller, two, now, action=BulkAction.STOCK, stock=3)
    assert rows[0].message
    assert (rows[1].before, rows[1].after) == (10, 3)
    assert sorted(Stock.objects.values_list("on_hand", flat=True)) == [3, 10]
    assert run(seller, two, now, action=BulkAction.STOCK, stock=-1)[1].message


def test_handling_category_and_state(seller, two, now):
    assert [row.after for row in run(seller, two, now, action=BulkAction.HANDLING, days=7)] == [7, 7]
    assert run(seller, two, now, action=BulkAction.HANDLING, days=99)[0].message
    rows = run(seller, two, now, action=BulkAction.CATEGORY, category="bedding")
    assert [row.after for row in rows] == ["Bedding", "Bedding"]
    assert Listing.objects.filter(attributes={"material": "linen", "colour": "white"}).count() == 2
    rows = run(seller, two, now, action=BulkAction.CATEGORY, category="soap")
    assert rows[0].message == "This is needed here."
    assert run(seller, two, now, action=BulkAction.CATEGORY, category="no-such")[0].message == "Choose a category."
    assert [row.after for row in run(seller, two, now, action=BulkAction.WITHDRAW)] == ["WITHDRAWN"] * 2
    assert run(seller, two, now, action=BulkAction.WITHDRAW)[0].message
    assert [row.after for row in run(seller, two, now, action=BulkAction.PUBLISH)] == ["PUBLISHED"] * 2


def test_what_a_rule_holds_is_held(seller, two, now):
    catalog.withdraw_listing(listing_id=two[0].id, actor=seller.actor, now=now)
    catalog.update_listing(
        listing_id=two[0].id, listing=world.listing_input(title="A dagger"), actor=seller.actor, now=now
    )
    assert run(seller, two[:1], now, action=BulkAction.PUBLISH)[0].after == "HELD"


def test_others_listings_are_left_out_and_the_number_is_bounded(seller, two, now):
    other = world.open_seller(now)
    assert run(other, two, now, action=BulkAction.STOCK, stock=0) == []
    assert set(Stock.objects.values_list("on_hand", flat=True)) == {10}
    for ids in ([], [uuid4() for _ in range(MAX_LISTINGS + 1)]):
        with pytest.raises(InvalidInput):
            change_listings(
                listing_ids=ids, change=BulkChange(BulkAction.PUBLISH), is_trial=True, actor=seller.actor, now=now
            )


def test_the_page_tries_then_does(seller, two, now):
    client = Client()
    client.force_login(seller.user)
    assert "Change all 2" in client.get("/sell/listings/").content.decode()
    ids = [str(one.id) for one in two]
    assert client.get("/sell/listings/changes/")["Location"] == "/sell/listings/"
    assert client.get("/sell/listings/changes/?id=nonsense")["Location"] == "/sell/listings/"
    assert "Change 2 listings" in client.get("/sell/listings/changes/?all=1&q=linen").content.decode()
    form = {"id": ids, "action": "PRICE_PERCENT", "percent": "-10"}
    page = client.post("/sell/listings/changes/", form).content.decode()
    assert "€9.00" in page
    assert "Nothing is changed yet." in page
    assert prices() == [1000, 2000]
    page = client.post("/sell/listings/changes/", {**form, "apply": "1"}).content.decode()
    assert "2 change" in page
    assert prices() == [900, 1800]
    page = client.post("/sell/listings/changes/", {"id": ids, "action": "STOCK"}).content.decode()
    assert "Say by how much" in page
    client.post("/sell/listings/changes/", {"id": ids, "action": "PRICE_AMOUNT", "amount": "-1.00", "apply": "1"})
    assert prices() == [800, 1700]
    stranger = Client()
    stranger.force_login(world.open_seller(now).user)
    assert "Linen cloth" not in stranger.post("/sell/listings/changes/", {**form, "apply": "1"}).content.decode()
    assert prices() == [800, 1700]


def test_the_page_costs_the_same_for_many(seller, two, now):
    client = Client()
    client.force_login(seller.user)
    paths = [f"/sell/listings/changes/?id={two[0].id}", f"/sell/listings/changes/?id={two[0].id}&id={two[1].id}"]
    counts = []
    for path in paths:
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_api(seller, two, now):
    client = Client()
    client.force_login(seller.user)

    def send(path, body, method="post"):
        return getattr(client, method)(f"/api/v1/listings/{path}", json.dumps(body), content_type="application/json")

    body = {"listing_ids": [str(two[0].id)], "bulk_action": "PRICE_AMOUNT", "amount_minor": 50}
    answer = send("changes/", body)
    assert answer.json()[0] | {"title": ""} == {
        "listing_id": str(two[0].id), "title": "", "before": "1000", "after": "1050", "message": "", "remedy": ""
    }  # fmt: skip
    assert prices() == [1000, 2000]
    assert send("changes/", {**body, "is_trial": False}).status_code == 200
    assert prices() == [1050, 2000]
    assert send("changes/", {**body, "bulk_action": "EAT"}).status_code == 422
    assert send(f"{two[0].id}/copy/", {}).status_code == 201
    versions = client.get(f"/api/v1/listings/{two[0].id}/versions/").json()["results"]
    assert versions[0]["changes"] == {"price_minor": [1000, 1050]}
    assert send(f"{two[0].id}/versions/1/restoration/", {}).status_code == 200
    assert send(f"{two[0].id}/versions/9/restoration/", {}).status_code == 404
    catalog.withdraw_listing(listing_id=two[0].id, actor=seller.actor, now=now)
    assert send(f"{two[0].id}/schedule/", {"publish_at": "2020-01-01T10:00:00Z"}, "put").status_code == 422
    assert client.delete(f"/api/v1/listings/{two[0].id}/schedule/").status_code == 204
