"""Many listings at once: all of them or none."""

from __future__ import annotations

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from core.errors import InvalidInput, NotAllowed, TransitionRefused
from core.money import Money
from core.states import next_state
from marketplace.catalog.imports import MAX_ROWS, import_listings
from marketplace.contracts import ImportRow, SellerNotVerified, StoredPhoto
from marketplace.imports import services as importing
from marketplace.imports.files import UnreadableFile, read_table
from marketplace.imports.rules import listing_of
from marketplace.imports.states import TRANSITIONS, ImportAction, ImportState
from marketplace.models import Listing, ListingPhoto, ListingRevision, Stock
from marketplace.sellers import services as sellers
from marketplace.tasks import work_off_imports_task
from tests import world

pytestmark = pytest.mark.django_db


def _rows(count, **changes):
    photo = StoredPhoto("demo/cup", 800, 600, "A cup")
    return [ImportRow(world.listing_input(title=f"Cup number {n}", stock=n, **changes), (photo,)) for n in range(count)]


def test_an_imported_listing_is_like_one_typed_by_hand(now):
    seller = world.open_seller(now)
    typed = world.published(seller, now, title="Cup number 1", stock=1)
    ids = import_listings(rows=_rows(3), actor=seller.actor, now=now)
    imported = Listing.objects.get(id=ids[1])
    for field in ("title", "description", "price_minor", "currency", "state", "attributes", "version", "published_at"):
        assert getattr(imported, field) == getattr(typed, field), field
    assert Stock.objects.get(listing=imported).on_hand == 1
    assert imported.signals.rating_count == 0
    assert [photo.name for photo in ListingPhoto.objects.filter(listing=imported)] == ["demo/cup"]
    assert ListingRevision.objects.filter(listing=imported).count() == 1


def test_statements_do_not_grow_with_rows(now):
    seller = world.open_seller(now)
    import_listings(rows=_rows(1), actor=seller.actor, now=now)
    with CaptureQueriesContext(connection) as few:
        import_listings(rows=_rows(2), actor=seller.actor, now=now)
    with CaptureQueriesContext(connection) as many:
        import_listings(rows=_rows(40), actor=seller.actor, now=now)
    assert len(many) == len(few)


def test_a_bad_row_is_named_and_nothing_is_written(now):
    seller = world.open_seller(now)
    rows = _rows(3)
    rows[2] = ImportRow(world.listing_input(stock=-1))
    with pytest.raises(InvalidInput) as refused:
        import_listings(rows=rows, actor=seller.actor, now=now)
    assert refused.value.field == "rows[2].stock"
    with pytest.raises(InvalidInput):
        import_listings(rows=_rows(MAX_ROWS + 1), actor=seller.actor, now=now)
    assert not Listing.objects.filter(seller_id=seller.organisation_id).exists()


def test_only_an_open_shop_imports(now):
    with pytest.raises(NotAllowed):
        import_listings(rows=_rows(1), actor=world.person(now, is_operator=True).actor, now=now)
    closed = world.person(now)
    sellers.save_profile(profile=world.profile("Not yet open"), actor=closed.actor, now=now)
    with pytest.raises(SellerNotVerified):
        import_listings(rows=_rows(1), actor=closed.actor, now=now)


# --- files


HEADER = "category;title;description;price;stock;weight_grams;material;colour;gtin\n"


def _file(good=3, bad=()):
    lines = [
        f"table-linen;Linen napkin {n};Washed linen, hemmed by hand.;{12 + n},50;{n + 1};150;linen;white;"
        for n in range(good)
    ]
    return (HEADER + "\n".join([*lines, *bad])).encode()


BAD = (
    "table-linen;Napkin without a price;Washed linen.;cheap;4;150;linen;white;",
    "no-such-category;Napkin nowhere;Washed linen.;12,50;4;150;linen;white;",
    "table-linen;Napkin with a wrong code;Washed linen.;12,50;4;150;linen;white;4006381333932",
    "table-linen;Napkin of nothing;Washed linen.;12,50;many;150;linen;white;",
)


def _sent(seller, now, **file):
    made = importing.take_file(file_name="napkins.csv", content=_file(**file), actor=seller.actor, now=now)
    return importing.check_import(import_id=made.id, now=now)


def test_a_file_is_checked_before_anything_is_listed(now):
    seller = world.open_seller(now)
    row = _sent(seller, now, good=3, bad=BAD)
    assert (row.state, row.rows_total, row.errors_total) == (ImportState.CHECKED, 7, 4)
    assert [(error["row"], error["column"]) for error in row.errors] == [
        (5, "price"), (6, "category"), (7, "gtin"), (8, "stock")]  # fmt: skip
    assert all(error["message"] and error["remedy"] for error in row.errors)
    assert not Listing.objects.exists()


def test_good_rows_are_listed_in_pieces_and_undone_together(now, monkeypatch):
    monkeypatch.setattr(importing, "CHUNK", 2)
    seller = world.open_seller(now)
    row = _sent(seller, now, good=5, bad=BAD[:1])
    importing.start_import(import_id=row.id, actor=seller.actor, now=now)
    assert importing.run_import(import_id=row.id, now=now) == 5
    row.refresh_from_db()
    assert (row.state, row.rows_done, row.listings_made) == (ImportState.DONE, 6, 5)
    made = Listing.objects.get(title="Linen napkin 2")
    assert (made.state, str(made.price), made.stock.on_hand) == ("PUBLISHED", str(Money(1450, "EUR")), 3)
    assert made.attributes == {"material": "linen", "colour": "white"}
    assert made.revisions.get().actor == seller.actor.reference
    assert importing.run_import(import_id=row.id, now=now) == 0  # a second worker finds nothing to do
    assert importing.undo_import(import_id=row.id, actor=seller.actor, now=now) == 5
    assert not Listing.objects.filter(state="PUBLISHED").exists()
    with pytest.raises(TransitionRefused):
        importing.undo_import(import_id=row.id, actor=seller.actor, now=now)


def test_a_worker_that_died_is_followed_by_one_that_goes_on(now, monkeypatch):
    monkeypatch.setattr(importing, "CHUNK", 2)
    seller = world.open_seller(now)
    row = _sent(seller, now, good=4)
    importing.start_import(import_id=row.id, actor=seller.actor, now=now)
    real, calls = importing.write_rows, []

    def dies(*args, **kwargs):
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("the machine stopped")
        return real(*args, **kwargs)

    monkeypatch.setattr(importing, "write_rows", dies)
    with pytest.raises(RuntimeError), transaction.atomic():
        importing.run_import(import_id=row.id, now=now)
    monkeypatch.setattr(importing, "write_rows", real)
    importing.run_import(import_id=row.id, now=now)
    assert Listing.objects.count() == 4


@pytest.mark.parametrize("state", list(ImportState))
@pytest.mark.parametrize("action", list(ImportAction))
def test_every_pair_of_state_and_action(state, action):
    if (state, action) in TRANSITIONS:
        assert next_state(TRANSITIONS, state, action) in set(ImportState)
    else:
        with pytest.raises(TransitionRefused):
            next_state(TRANSITIONS, state, action)


def test_other_seps_spanish_headings_and_spreadsheets():
    rows = read_table(
        "Categoría,Título,Descripción,Precio,Existencias,Peso g\nmugs,Taza,Bonita,1.234,5,300".encode("cp1252")
    )
    assert rows[0][1]["title"] == "Taza"
    book = openpyxl.Workbook()
    book.active.append(["category", "title", "description", "price", "stock", "weight_grams"])
    book.active.append(["mugs", "Mug", "Good", 12.5, 3, 300])
    buffer = io.BytesIO()
    book.save(buffer)
    ((number, cells),) = read_table(buffer.getvalue())
    assert (number, cells["price"], listing_of(cells, currency="EUR").listing.price) == (2, "12.5", Money(1250, "EUR"))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip at all", b"title,price\nMug,3", b"\x00\x01\x02"])
def test_what_is_no_table_is_refused(content):
    with pytest.raises(UnreadableFile):
        read_table(content)


@pytest.mark.parametrize(
    ("typed", "minor"), [("12.50", 1250), ("12,5", 1250), ("1.234,50 €", 123450), ("1,234.50", 123450), ("7", 700)]
)
def test_prices_as_people_type_them(typed, minor):
    cells = {
        "category": "mugs",
        "title": "Mug",
        "description": "Good",
        "price": typed,
        "stock": "1",
        "weight_grams": "9",
    }
    assert listing_of(cells, currency="EUR").listing.price.minor == minor


def test_the_pages_and_the_api_of_an_import(now, client):
    seller = world.open_seller(now)
    client.force_login(seller.user)
    sent = client.post("/sell/imports/", {"file": SimpleUploadedFile("n.csv", _file(good=2, bad=BAD[:1]))})
    assert sent.status_code == 302
    work_off_imports_task()
    page = client.get(sent.url).content.decode()
    assert "List 2 items" in page
    assert "This is not a price." in page
    client.post(sent.url + "start/")
    work_off_imports_task()
    assert "Undo this import" in client.get(sent.url).content.decode()
    export = b"".join(client.get("/sell/listings/export/").streaming_content).decode()
    assert "Linen napkin 1" in export
    assert b"price" in client.get("/sell/imports/template/").content
    assert "not a price" in client.get(sent.url + "errors/").content.decode()
    (listed,) = client.get("/api/v1/imports/").json()["results"]
    assert (listed["state"], listed["listings_made"]) == ("DONE", 2)
    assert client.get(f"/api/v1/imports/{listed['id']}/").json()["row_errors"][0]["column"] == "price"
    client.post(sent.url + "undo/")
    assert not Listing.objects.filter(state="PUBLISHED").exists()
    assert client.get("/sell/imports/").status_code == 200
