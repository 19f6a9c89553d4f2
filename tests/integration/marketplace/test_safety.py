"""GPSR fields where a category needs them, typed attributes with bounds and several choices, customs codes."""

import json

import pytest
from django.test import Client

from core.errors import InvalidInput
from marketplace.catalog import services as catalog
from marketplace.catalog.imports import import_listings
from marketplace.catalog.models import Category
from marketplace.catalog.rules import checked_attributes, checked_safety
from marketplace.contracts import ImportRow, ListingNotFound, ProductSafety
from tests import world

pytestmark = pytest.mark.django_db
MAKER = ProductSafety(
    maker_name="Juguetes Sol SL", maker_address="Calle 1, 46001 Valencia", maker_email="hola@sol.example",
    maker_country="ES", warnings="Not for children under 3 years.",
)  # fmt: skip
TOY = {"category_code": "wooden-toys", "title": "Wooden train, three wagons", "attributes": {"material": "beech"}}


@pytest.fixture
def seller(now):
    return world.open_seller(now)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"maker_name": " "}, "maker_name"), ({"maker_address": ""}, "maker_address"), ({"maker_email": ""}, "maker_email"),
        ({"maker_email": "sol"}, "maker_email"), ({"maker_country": ""}, "maker_country"),
        ({"maker_country": "XX"}, "maker_country"), ({"maker_country": "CN"}, "person_name"),
        ({"maker_country": "GB", "person_name": "Imports SL", "person_address": "Calle 2"}, "person_email"),
    ],
)  # fmt: skip
def test_what_the_law_asks_for(changes, field):
    with pytest.raises(InvalidInput) as refused:
        checked_safety(ProductSafety(**vars(MAKER) | changes), is_needed=True)
    assert refused.value.field == f"safety.{field}"


def test_a_maker_outside_of_the_union_with_a_person_in_it_will_do():
    person = {"person_name": "Imports SL", "person_address": "Calle 2", "person_email": "a@b.example"}
    assert checked_safety(ProductSafety(**vars(MAKER) | person | {"maker_country": "CN"}), is_needed=True)
    assert checked_safety(ProductSafety(), is_needed=False) == {}


def test_a_toy_goes_on_sale_only_with_its_maker_and_shows_it(seller, now):
    toy = catalog.create_listing(listing=world.listing_input(**TOY), actor=seller.actor, now=now)
    move = {"listing_id": toy.id, "actor": seller.actor, "now": now}
    with pytest.raises(InvalidInput) as refused:
        catalog.publish_listing(**move)
    assert refused.value.field == "safety.maker_name"
    catalog.set_safety(safety=MAKER, **move)
    catalog.publish_listing(**move)
    page = Client().get(f"/listings/{toy.id}/").content.decode()
    for text in ("Juguetes Sol SL", "hola@sol.example", "Not for children under 3 years."):
        assert text in page
    with pytest.raises(InvalidInput):
        catalog.set_safety(safety=ProductSafety(), **move)
    with pytest.raises(ListingNotFound):
        catalog.set_safety(safety=MAKER, listing_id=toy.id, actor=world.open_seller(now).actor, now=now)
    table = world.published(seller, now)
    with pytest.raises(InvalidInput):
        catalog.update_listing(listing_id=table.id, listing=world.listing_input(**TOY), actor=seller.actor, now=now)


def test_an_import_asks_for_it_too(seller, now):
    with pytest.raises(InvalidInput) as refused:
        import_listings(rows=[ImportRow(world.listing_input(**TOY))], actor=seller.actor, now=now)
    assert refused.value.field == "rows[0].safety.maker_name"
    assert import_listings(rows=[ImportRow(world.listing_input(safety=MAKER, **TOY))], actor=seller.actor, now=now)


def test_the_page_and_the_api(seller, now):
    toy = catalog.create_listing(listing=world.listing_input(**TOY), actor=seller.actor, now=now)
    client = Client()
    client.force_login(seller.user)
    path = f"/sell/listings/{toy.id}/safety/"
    assert "Telares Ruiz SL" in client.get(path).content.decode()
    assert client.post(path, {"maker_email": "x"}).status_code == 200
    assert client.post(path, vars(MAKER)).status_code == 302
    api = f"/api/v1/listings/{toy.id}/safety/"
    body = json.dumps(vars(MAKER) | {"maker_country": "QQ"})
    wrong = client.put(api, body, content_type="application/json")
    assert {error["field"] for error in wrong.json()["errors"]} == {"safety.maker_country"}
    right = client.put(api, json.dumps(vars(MAKER)), content_type="application/json")
    assert right.json()["safety"]["maker_name"] == "Juguetes Sol SL"


def test_every_category_for_goods_is_mapped_to_customs_and_google():
    parents = set(Category.objects.exclude(parent=None).values_list("parent", flat=True))
    leaves = Category.objects.exclude(code__in=parents)
    assert not leaves.filter(hs_code="").exists()
    assert not leaves.filter(google_path="").exists()
    answer = Client().get("/api/v1/categories/").json()
    shoes = next(category for category in answer if category["code"] == "boots")
    assert shoes["hs_code"] == "640391"
    assert next(a for a in shoes["attributes"] if a["code"] == "eu_size")["high"] == 55


SCHEMA = [
    {"code": "size", "kind": "NUMBER", "low": 15, "high": 55, "choices": []},
    {"code": "features", "kind": "MULTI", "choices": ["a", "b", "c"]},
]


def test_bounds_and_several_choices():
    assert checked_attributes(SCHEMA, {"size": "40", "features": "c, a"}) == {"size": 40, "features": ["a", "c"]}
    assert checked_attributes(SCHEMA, {"features": ["b"]}) == {"features": ["b"]}
    for wrong in ({"size": 14}, {"size": 56}, {"features": ["z"]}, {"features": 3}, {"features": "a, z"}):
        with pytest.raises(InvalidInput) as refused:
            checked_attributes(SCHEMA, wrong)
        assert refused.value.field == f"attributes.{next(iter(wrong))}"


def test_several_choices_on_pages(seller, now):
    bag = {"category_code": "backpacks", "title": "Canvas backpack, 20 l"}
    values = {"material": "canvas", "features": ["chest strap", "side pockets"]}
    listing = world.published(seller, now, attributes=values, **bag)
    client = Client()
    client.force_login(seller.user)
    assert "side pockets, chest strap" in client.get(f"/listings/{listing.id}/").content.decode()
    assert 'value="side pockets" ' in client.get(f"/sell/listings/{listing.id}/").content.decode()
