"""The stock page, its file, and the API: what a seller sees, and what others do not."""

import csv
import io
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from marketplace.catalog import services as catalog
from marketplace.catalog.models import Stock
from marketplace.stock import services as stock
from marketplace.stock.models import StockLocation, StockMovement
from tests import world

pytestmark = pytest.mark.django_db
PLACE = {"name": "Telares", "street": "Camino 9", "city": "Sagunto", "postcode": "46500", "country": "ES", "region": "",
         "phone": "", "company": "", "district": ""}  # fmt: skip


@pytest.fixture
def seller(now):
    return world.open_seller(now)


@pytest.fixture
def listing(seller, now):
    return world.published(seller, now, stock=10, sku="CLOTH-1")


@pytest.fixture
def depot(seller, now):
    return stock.add_location(label="Depot", address=world.Place(**PLACE), handling_days=1, actor=seller.actor, now=now)


def client_of(person):
    client = Client()
    client.force_login(person.user)
    return client


def put(client, text, **more):
    upload = SimpleUploadedFile("stock.csv", text.encode(), "text/csv")
    return client.post("/sell/stock/counts/", {"file": upload, "reason": "Counted", **more})


def api(client, method, path, data=None):
    return getattr(client, method)(
        f"/api/v1/{path}", data, content_type="application/json", headers={"Idempotency-Key": str(uuid4())}
    )


def test_the_page_says_what_is_where_finds_and_shows_what_is_low(seller, listing, depot, now):
    stock.transfer_stock(
        listing_id=listing.id, from_id=None, to_id=depot.id, quantity=4, reason="", actor=seller.actor, now=now
    )
    few = world.published(seller, now, title="Rare napkin", stock=2)
    client = client_of(seller)
    page = client.get("/sell/stock/").content.decode()
    assert "Depot" in page
    assert "CLOTH-1" in page
    assert few.title in page
    assert listing.title not in client.get("/sell/stock/?low=1").content.decode()
    assert few.title not in client.get("/sell/stock/?q=cloth-1").content.decode()
    assert "Nothing found" in client.get("/sell/stock/?q=zzz").content.decode()
    assert listing.title not in client_of(world.open_seller(now)).get("/sell/stock/").content.decode()


def test_the_page_asks_the_same_number_of_questions_for_many(seller, depot, now):
    client, counts = client_of(seller), []
    world.published(seller, now)
    client.get("/sell/stock/")
    for _ in range(2):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get("/sell/stock/")
        counts.append(len(asked))
        for _ in range(4):
            world.published(seller, now)
    assert counts[0] == counts[1] <= 14


def test_a_number_is_corrected_and_pieces_are_moved_on_the_page(seller, listing, depot, now):
    client, base = client_of(seller), f"/sell/stock/{listing.id}/"
    client.post(f"{base}adjustments/", {"at": "main", "delta": "-2", "reason": "Broken"})
    client.post(f"{base}transfers/", {"source": "main", "to": str(depot.id), "quantity": "3"})
    row = Stock.objects.get(listing=listing)
    assert (row.on_hand, row.elsewhere) == (8, 3)
    page = client.get(base).content.decode()
    assert "Broken" in page
    assert seller.user.name in page
    for bad in ({"at": "main", "delta": "x", "reason": "y"}, {"at": str(uuid4()), "delta": "1", "reason": "y"},
                {"at": "main", "delta": "-99", "reason": "y"}):  # fmt: skip
        answer = client.post(f"{base}adjustments/", bad, follow=True)
        assert 'class="notice' in answer.content.decode() or list(answer.context["messages"])
    assert StockMovement.objects.count() == 3


def test_places_are_added_changed_and_given_up(seller, now):
    client = client_of(seller)
    made = client.post("/sell/stock/places/new/", {**PLACE, "label": "Depot", "handling_days": "2"})
    assert made.status_code == 302, made.content.decode()
    place = StockLocation.objects.get()
    bad = client.post("/sell/stock/places/new/", {**PLACE, "label": "depot", "handling_days": "2", "postcode": "1"})
    assert bad.status_code == 422
    client.post(f"/sell/stock/places/{place.id}/", {**PLACE, "label": "Port", "handling_days": "0"})
    assert "Port" in client.get("/sell/stock/places/").content.decode()
    stranger = client_of(world.open_seller(now))
    assert stranger.get(f"/sell/stock/places/{place.id}/").status_code == 404
    assert stranger.post(f"/sell/stock/places/{place.id}/closing/").status_code == 404
    client.post(f"/sell/stock/places/{place.id}/closing/")
    place.refresh_from_db()
    assert place.closed_at is not None


def test_the_file_comes_back_counted(seller, listing, depot, now):
    client = client_of(seller)
    text = b"".join(client.get("/sell/stock/export/")).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(r["sku"], r["main"], r["Depot"]) for r in rows] == [("CLOTH-1", "10", "0")]
    changed = text.replace(",10,0", ",7,5")
    put(client, changed, only_check="on")
    assert Stock.objects.get(listing=listing).on_hand == 10
    put(client, changed)
    row = Stock.objects.get(listing=listing)
    assert (row.on_hand, row.elsewhere) == (12, 5)
    put(client, "sku;depot\nCLOTH-1;2\n")
    row.refresh_from_db()
    assert (row.on_hand, row.elsewhere) == (9, 2)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("sku,main\nNOPE,1\n", "no such listing"), ("sku,main\nCLOTH-1,many\n", "whole number"),
        ("sku,main\nCLOTH-1,1\nCLOTH-1,2\n", "twice"), ("sku,main\nCLOTH-1,-3\n", "whole number"),
    ],
)  # fmt: skip
def test_a_file_with_a_mistake_changes_nothing_and_says_where(seller, listing, text, says):
    answer = put(client_of(seller), text)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert Stock.objects.get(listing=listing).on_hand == 10


def test_a_file_that_is_no_such_table_or_counts_too_few_is_refused(seller, listing, now):
    client = client_of(seller)
    catalog.reserve_stock(quantities={listing.id: 5})
    for text in ("title,price\nA,1\n", "", "sku,main\nCLOTH-1,4\n"):
        put(client, text)
    assert Stock.objects.get(listing=listing).on_hand == 10
    other = world.open_seller(now)
    assert put(client_of(other), f"listing,main\n{listing.id},3\n").status_code == 422
    assert Stock.objects.get(listing=listing).on_hand == 10


def test_the_api_says_and_does_the_same(seller, listing, now):
    client = client_of(seller)
    made = api(client, "post", "stock-locations/", {"name": "Depot", "handling_days": 1, "address": PLACE})
    assert made.status_code == 201, made.json()
    place = made.json()["id"]
    moved = api(client, "post", f"stock/{listing.id}/transfers/", {"to_location": place, "quantity": 4})
    assert moved.status_code == 201, moved.json()
    assert [(p["name"], p["pieces"]) for p in moved.json()["places"]] == [(None, 6), ("Depot", 4)]
    changed = api(
        client, "post", f"stock/{listing.id}/adjustments/", {"location": place, "delta": -1, "reason": "Broken"}
    )
    assert (changed.json()["on_hand"], changed.json()["available"]) == (9, 9)
    assert [row["movement_kind"] for row in client.get(f"/api/v1/stock/{listing.id}/movements/").json()["results"]] == [
        "ADJUSTMENT", "TRANSFER", "TRANSFER",
    ]  # fmt: skip
    assert client.get("/api/v1/stock/?q=cloth-1").json()["results"][0]["on_hand"] == 9
    assert client.get("/api/v1/stock/?low=true").json()["results"] == []
    too_many = api(client, "post", f"stock/{listing.id}/transfers/", {"to_location": place, "quantity": 400})
    assert (too_many.status_code, too_many.json()["code"]) == (409, "not_enough_stock")
    assert api(client, "delete", f"stock-locations/{place}/").status_code == 422
    stranger = client_of(world.open_seller(now))
    for method, path in (("get", f"stock/{listing.id}/"), ("get", f"stock/{listing.id}/movements/"),
                         ("post", f"stock/{listing.id}/adjustments/"), ("delete", f"stock-locations/{place}/")):  # fmt: skip
        assert api(stranger, method, path, {} if method == "post" else None).status_code == 404, path
    assert stranger.get("/api/v1/stock/").json()["results"] == []


def test_the_same_request_twice_moves_once(seller, listing, depot):
    client, key = client_of(seller), str(uuid4())
    for _ in range(2):
        client.post(
            f"/api/v1/stock/{listing.id}/transfers/", {"to_location": str(depot.id), "quantity": 4},
            content_type="application/json", headers={"Idempotency-Key": key},
        )  # fmt: skip
    assert Stock.objects.get(listing=listing).elsewhere == 4
