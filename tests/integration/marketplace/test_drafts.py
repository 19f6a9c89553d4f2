"""A listing made in steps: what was typed is kept, the check says what is missing, and it ends on sale."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.test import Client
from PIL import Image

from core.errors import InvalidInput, NotAllowed, NotFound
from marketplace.catalog.models import Listing
from marketplace.drafts import services
from marketplace.drafts.models import ListingDraft
from marketplace.drafts.steps import Step, step_after, steps_of
from tests import world

pytestmark = pytest.mark.django_db
WHAT = {"title": "Stonewashed linen tablecloth", "description": "Washed linen, hemmed.", "condition": "NEW",
        "attribute_material": "linen", "attribute_colour": "white", "attribute_length_cm": "", "brand": ""}  # fmt: skip
PRICE = {"price": "48.00", "stock": "5", "sku": "", "gtin": ""}
PARCEL = {"weight_grams": "700", "length_mm": "320", "width_mm": "240", "height_mm": "60", "handling_days": "1"}


@pytest.fixture
def seller(now):
    return world.open_seller(now)


@pytest.fixture
def client(seller):
    client = Client()
    client.force_login(seller.user)
    return client


def begin(client, category="table-linen"):
    response = client.post("/sell/listings/new/", {"category": category})
    assert response.status_code == 302
    return response["Location"].removesuffix("what/")


def picture(name="a.png"):
    buffer = BytesIO()
    Image.new("RGB", (40, 30), (9, 90, 9)).save(buffer, "PNG")
    buffer.seek(0)
    buffer.name = name
    return buffer


def test_steps_go_on_and_safety_stands_where_it_is_asked_for():
    assert [step_after(s, needs_safety=False) for s in steps_of(needs_safety=False)] == [
        Step.PICTURES, Step.PRICE, Step.PARCEL, Step.CHECK, Step.CHECK
    ]  # fmt: skip
    assert Step.SAFETY in steps_of(needs_safety=True)


def test_from_a_category_to_being_on_sale(client, seller):
    at = begin(client)
    assert client.post(f"{at}what/", WHAT)["Location"] == f"{at}pictures/"
    assert client.post(f"{at}pictures/", {"pictures": [picture(), picture("b.png")]})["Location"] == f"{at}pictures/"
    assert client.post(f"{at}pictures/", {"alt": ["From above", "Folded"], "go_on": "1"})["Location"] == f"{at}price/"
    assert client.post(f"{at}price/", PRICE)["Location"] == f"{at}parcel/"
    assert client.post(f"{at}parcel/", PARCEL)["Location"] == f"{at}check/"
    page = client.get(f"{at}check/").content.decode()
    for text in ("Stonewashed linen tablecloth", "€48.00", "From above", "Put on sale", "Show it from three sides."):
        assert text in page
    response = client.post(f"{at}end/", {"ending": "ON_SALE"})
    listing = Listing.objects.get()
    assert response["Location"] == f"/sell/listings/{listing.id}/"
    assert (listing.state, listing.price_minor, listing.stock.on_hand, listing.attributes) == (
        "PUBLISHED", 4800, 5, {"material": "linen", "colour": "white"}
    )  # fmt: skip
    assert [(p.position, p.alt) for p in listing.photos.all()] == [(0, "From above"), (1, "Folded")]
    assert not ListingDraft.objects.exists()


def test_what_is_wrong_is_kept_and_said_beside_it(client):
    at = begin(client)
    page = client.post(f"{at}price/", {**PRICE, "price": "3.999"}).content.decode()
    assert "3.999" in page
    assert "field-error" in page
    assert "3.999" in client.get(f"{at}price/").content.decode()
    page = client.get(f"{at}check/").content.decode()
    assert "Something is missing" in page
    assert f'href="{at}what/"' in page
    assert "Put on sale" not in page
    assert client.post(f"{at}end/", {"ending": "ON_SALE"})["Location"] == f"{at}check/"
    assert not Listing.objects.exists()


def test_autosave_keeps_half_a_step(client):
    at = begin(client)
    answer = client.post(f"{at}what/autosave/", {"title": "Half a ti"})
    assert answer.content.startswith(b"Kept at ")
    assert "Half a ti" in client.get(f"{at}what/").content.decode()
    assert "Half a ti" in client.get("/sell/drafts/").content.decode()
    assert "Half a ti" in client.get("/sell/listings/new/").content.decode()
    assert client.post(f"{at}nowhere/autosave/", {}).status_code == 404
    assert client.get(f"{at}safety/").status_code == 404


def test_pictures_can_be_put_first_and_left_out_and_bad_ones_are_refused(client):
    at = begin(client)
    client.post(f"{at}pictures/", {"pictures": [picture(), picture()]})
    client.post(f"{at}pictures/", {"alt": ["one", "two"], "first": "1"})
    draft = ListingDraft.objects.get()
    assert [p["alt"] for p in draft.photos] == ["two", "one"]
    client.post(f"{at}pictures/", {"alt": ["two", "one"], "remove": "1"})
    draft.refresh_from_db()
    assert [p["alt"] for p in draft.photos] == ["two"]
    bad = BytesIO(b"not a picture")
    bad.name = "x.png"
    assert "not a picture" in client.post(f"{at}pictures/", {"pictures": [bad]}).content.decode()
    assert "enough" in client.post(f"{at}pictures/", {"pictures": [picture() for _ in range(8)]}).content.decode()
    client.post(f"{at}pictures/", {"first": "99", "remove": "77"})


def test_a_toy_has_a_step_for_its_safety(client, seller):
    at = begin(client, "wooden-toys")
    toy = {**WHAT, "title": "Wooden train, three wagons", "attribute_material": "beech", "attribute_from_age": "3"}
    client.post(f"{at}what/", toy)
    client.post(f"{at}price/", PRICE)
    assert client.post(f"{at}parcel/", PARCEL)["Location"] == f"{at}safety/"
    assert "Telares Ruiz SL" in client.get(f"{at}safety/").content.decode()
    maker = {"maker_name": "Sol SL", "maker_address": "Calle 1, Valencia", "maker_country": "ES", "maker_email": ""}
    client.post(f"{at}safety/", maker)
    response = client.post(f"{at}end/", {"ending": "ON_SALE"}, follow=True)
    assert "The law asks for this here." in response.content.decode()
    assert not Listing.objects.exists()
    client.post(f"{at}safety/", {**maker, "maker_email": "a@sol.example"})
    client.post(f"{at}end/", {"ending": "ON_SALE"})
    assert Listing.objects.get().safety["maker_email"] == "a@sol.example"


def test_it_may_end_off_sale_or_planned(client, now):
    for ending, more in (("OFF_SALE", {}), ("LATER", {"publish_at": "nonsense"})):
        at = begin(client)
        for step, values in (("what", WHAT), ("price", PRICE), ("parcel", PARCEL)):
            client.post(f"{at}{step}/", values)
        client.post(f"{at}end/", {"ending": ending, **more})
    assert Listing.objects.get().state == "DRAFT"
    assert ListingDraft.objects.count() == 1


def test_planned(seller, now):
    draft = services.start_draft(category_code="table-linen", actor=seller.actor, now=now)
    end = {"draft_id": draft.id, "listing": world.listing_input(), "actor": seller.actor, "now": now}
    with pytest.raises(InvalidInput):
        services.finish_draft(ending=services.Ending.LATER, at=None, **end)
    at = now + timedelta(days=1)
    made = services.finish_draft(ending=services.Ending.LATER, at=at, **end)
    assert (made.state, made.publish_at) == ("DRAFT", at)


def test_a_draft_can_be_thrown_away_and_there_are_not_too_many(client, seller, now):
    at = begin(client)
    assert client.post(f"{at}removal/")["Location"] == "/sell/drafts/"
    assert "Nothing unfinished" in client.get("/sell/drafts/").content.decode()
    ListingDraft.objects.bulk_create(
        ListingDraft(seller_id=seller.organisation_id, category_id="table-linen", created_at=now, updated_at=now)
        for _ in range(services.MAX_DRAFTS)
    )
    with pytest.raises(InvalidInput):
        services.start_draft(category_code="table-linen", actor=seller.actor, now=now)
    assert client.post("/sell/listings/new/", {"category": "table-linen"}).status_code == 200
    with pytest.raises(InvalidInput):
        services.start_draft(category_code="kitchen", actor=world.open_seller(now).actor, now=now)
    with pytest.raises(NotAllowed):
        services.start_draft(category_code="mugs", actor=world.person(now, is_operator=True).actor, now=now)


def test_strangers_do_not_find_it(client, seller, now):
    draft = services.start_draft(category_code="table-linen", actor=seller.actor, now=now)
    other = world.open_seller(now)
    for act in (
        lambda: services.save_step(draft_id=draft.id, typed={"title": "x"}, actor=other.actor, now=now),
        lambda: services.discard_draft(draft_id=draft.id, actor=other.actor),
        lambda: services.add_pictures(draft_id=draft.id, files=[], actor=other.actor, now=now),
    ):
        with pytest.raises(NotFound):
            act()


def test_lists_cost_the_same_whatever_their_length(client, seller, now, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for _ in range(2):
        begin(client)
        client.get("/sell/drafts/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/sell/drafts/")
        counts.append(len(queries))
    assert counts[0] == counts[1]
