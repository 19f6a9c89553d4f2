"""Filters of search: ship-to, arrives by, how many are needed, condition; and counts that stay true when something is chosen."""

import re
from dataclasses import replace

import pytest
from django.http import QueryDict
from django.test import Client

from core.money import Money
from logistics import facade as logistics
from logistics.contracts import HintRequest
from marketplace.catalog import pricing
from marketplace.catalog.rules import MAX_HANDLING_DAYS
from marketplace.contracts import SellingTerms
from marketplace.search import reach
from marketplace.search.forms import read_query
from marketplace.search.node import SearchNode
from marketplace.search.rules import SearchQuery
from marketplace.search.selectors import search
from tests import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def seller(now):
    return world.open_seller(now)


@pytest.fixture
def index(settings, tmp_path, now, monkeypatch):
    settings.SEARCH_INDEX_DIR = tmp_path / "index"
    node = SearchNode(tmp_path / "index")
    assert node.become_writer()
    monkeypatch.setattr("marketplace.search.selectors.node", lambda: node)
    yield lambda: node.rebuild(now=now)
    node.release_writer()


def titles(found):
    return {hit.title for hit in found.hits}


def counts(found, name):
    return {value.value: value.count for value in found.facets[name]}


def test_each_property_is_counted_as_if_only_it_were_open(index, seller, now):
    for number, (material, colour) in enumerate([("linen", "white"), ("linen", "blue"), ("cotton", "blue")]):
        world.published(
            seller, now, title=f"Cloth number {number}", attributes={"material": material, "colour": colour}
        )
    index()
    chosen = SearchQuery(text="cloth", filters={"attribute": ("colour:blue",)})
    found = counts(search(chosen, now=now), "attribute")
    assert found == {"colour:blue": 2, "colour:white": 1, "material:linen": 1, "material:cotton": 1}
    both = replace(chosen, filters={"attribute": ("colour:blue", "material:linen")})
    found = search(both, now=now)
    assert titles(found) == {"Cloth number 1"}
    assert counts(found, "attribute") == {
        "colour:blue": 1, "colour:white": 1, "material:linen": 1, "material:cotton": 1
    }  # fmt: skip


def test_condition_is_a_facet(index, seller, now):
    world.published(seller, now, title="New cloth")
    world.published(seller, now, title="Used cloth", condition="USED")
    index()
    found = search(SearchQuery(text="cloth", filters={"condition": ("USED",)}), now=now)
    assert titles(found) == {"Used cloth"}
    assert counts(found, "condition") == {"NEW": 1, "USED": 1}


def test_what_is_not_sold_in_so_small_a_number_is_left_out(index, seller, now):
    world.published(seller, now, title="Single cloth")
    many = world.published(seller, now, title="Cloth by the dozen")
    terms = SellingTerms(min_quantity=12, pack_size=12)
    pricing.set_terms(listing_id=many.id, terms=terms, actor=seller.actor, now=now)
    index()
    assert titles(search(SearchQuery(text="cloth", buying=11), now=now)) == {"Single cloth"}
    assert len(titles(search(SearchQuery(text="cloth", buying=12), now=now))) == 2


def promise(country, weight, days, now):
    hint = HintRequest(
        origin_country="ES", destination_country=country, weight_grams=weight, handling_days=days, currency="EUR"
    )
    return logistics.promise_hints(requests=[hint], now=now)[0]


def test_only_what_a_carrier_brings_there(index, seller, now):
    world.published(seller, now, title="Light cloth")
    world.published(seller, now, title="Cloth of seventy kilos", weight_grams=70_000)
    index()
    for country in ("ES", "FR", "JP"):
        expected = {
            title
            for title, weight in (("Light cloth", 700), ("Cloth of seventy kilos", 70_000))
            if promise(country, weight, 1, now) is not None
        }
        assert titles(search(SearchQuery(text="cloth", ship_to=country), now=now)) == expected, country
    assert promise("ES", 700, 1, now) is not None


def test_only_what_arrives_by_the_day_that_cards_promise(index, seller, now):
    world.published(seller, now, title="Cloth at once", handling_days=0)
    world.published(seller, now, title="Cloth in a month", handling_days=20)
    index()
    soon, late = promise("ES", 700, 0, now).latest, promise("ES", 700, 20, now).latest
    assert soon < late
    for by, expected in ((soon, {"Cloth at once"}), (late, {"Cloth at once", "Cloth in a month"})):
        assert titles(search(SearchQuery(text="cloth", ship_to="ES", by=by), now=now)) == expected
    assert search(SearchQuery(text="cloth", ship_to="ES", by=now.date()), now=now).total == 0


def test_reach_is_the_longest_time_that_still_arrives(seller, now):
    by = promise("ES", 1_000, 7, now).latest
    (light, *_rest) = reach.reach_of("ES", by, currency="EUR", now=now)
    days = light.longest_handling
    assert (light.origin, light.weight_from) == ("ES", 1)
    assert light.weight_to >= 1_000
    assert promise("ES", 1_000, days, now).latest <= by < promise("ES", 1_000, days + 1, now).latest
    assert {one.longest_handling for one in reach.reach_of("ES", None, currency="EUR", now=now)} == {MAX_HANDLING_DAYS}


@pytest.mark.parametrize(
    ("address", "field"), [("ship_to=Atlantis", "ship_to"), ("by=tomorrow", "by"), ("by=2026-02-31", "by")]
)
def test_what_is_wrong_in_the_address_is_told_and_left_out(address, field):
    query, errors = read_query(QueryDict(address))
    assert list(errors) == [field]
    assert not query.ship_to
    assert query.by is None


def test_the_page_filters_for_the_buyers_own_country_and_offers_a_way_out(index, seller, now, monkeypatch):
    world.published(seller, now, title="Linen cloth")
    index()
    page = Client().get("/search/?q=cloth&ship_to=JP&buying=3").content.decode()
    assert "Delivered to Spain" in page
    assert "Sold by 3 or fewer" in page
    page = Client().get("/search/?q=cloth&by=2020-01-01").content.decode()
    assert "Nothing fits all the filters" in page
    assert "Without them there is 1 result." in page
    assert re.search(r'href="/search/\?q=cloth"', page)
    assert "year-month-day" in Client().get("/search/?q=cloth&by=x").content.decode()


def test_the_api_filters_too(index, seller, now):
    world.published(seller, now, title="Linen cloth", price=Money(900, "EUR"))
    index()
    client = Client()
    assert client.get("/api/v1/search/?q=cloth&ship_to=ES&buying=2").json()["total"] == 1
    assert client.get("/api/v1/search/?q=cloth&ship_to=ES&by=2020-01-01").json()["total"] == 0
    for bad in ("by=2030-01-01", "ship_to=Atlantis", "ship_to=ES&by=x"):
        assert client.get(f"/api/v1/search/?q=cloth&{bad}").status_code == 422, bad
