"""Search: facets, spelling, relaxing, the change feed, rebuilding, several nodes, freshness."""

from datetime import timedelta
from time import perf_counter

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from core.actor import Actor
from core.money import Money
from marketplace.catalog import services as catalog
from marketplace.catalog.models import Listing
from marketplace.search.node import SearchNode
from marketplace.search.rules import SearchQuery, Sort
from marketplace.search.selectors import search
from marketplace.sellers.services import suspend_seller
from tests import world


@pytest.fixture
def node(tmp_path):
    made = SearchNode(tmp_path / "node")
    assert made.become_writer()
    yield made
    made.release_writer()


def titles(node, now, **query):
    return {hit.title for hit in search(SearchQuery(**query), now=now, at=node).hits}


@pytest.fixture
def goods(real_database, now):
    spain, portugal = world.open_seller(now), world.open_seller(now, name="Alfar Norte", country="PT")
    world.published(spain, now, title="White linen tablecloth")
    world.published(spain, now, title="Blue linen tablecloth", attributes={"material": "linen", "colour": "blue"})
    world.published(portugal, now, title="White cotton tablecloth", price=Money(2500, "EUR"),
                    attributes={"material": "cotton", "colour": "white"})  # fmt: skip
    world.published(portugal, now, title="Stoneware cup, 250 ml", category_code="tableware",
                    attributes={"material": "stoneware"})  # fmt: skip
    return spain, portugal


def facet(found, name):
    return {v.value: v.count for v in found.facets[name]}


def test_facets_are_disjunctive(goods, node, now):
    node.sync(now=now)
    chosen = SearchQuery(filters={"country": ("ES",)})
    found = search(chosen, now=now, at=node)
    assert found.total == 2
    assert facet(found, "country") == {"ES": 2, "PT": 2}  # as if no country were chosen
    assert facet(found, "category") == {"table-linen": 2}  # narrowed by the country
    both = search(SearchQuery(filters={"country": ("ES", "PT"), "attribute": ("colour:white",)}), now=now, at=node)
    assert {h.title for h in both.hits} == {"White linen tablecloth", "White cotton tablecloth"}
    across = SearchQuery(filters={"attribute": ("colour:white", "material:linen", "material:cotton")})
    assert search(across, now=now, at=node).total == 2  # any material, and white
    assert search(SearchQuery(price_to=3000), now=now, at=node).total == 1
    cheap_first = search(SearchQuery(sort=Sort.PRICE_UP), now=now, at=node).hits
    assert cheap_first[0].price == Money(2500, "EUR")


def test_spelling_accents_and_relaxing(goods, node, now):
    node.sync(now=now)
    typo = search(SearchQuery(text="tableclth"), now=now, at=node)
    assert (typo.relaxed, typo.total) == ("FUZZY", 3)
    assert titles(node, now, text="STÓNEWARE") == {"Stoneware cup, 250 ml"}
    some = search(SearchQuery(text="stoneware spaceship zeppelin"), now=now, at=node)
    assert some.relaxed == "ANY"
    assert [h.title for h in some.hits] == ["Stoneware cup, 250 ml"]
    assert search(SearchQuery(text="zzzzqqqq"), now=now, at=node).total == 0
    assert search(SearchQuery(text='title:"( AND OR* [x TO y]'), now=now, at=node).total >= 0


def test_what_leaves_the_shop_leaves_the_index(goods, node, now):
    node.sync(now=now)
    spain, _portugal = goods
    listing = world.published(spain, now, title="Short-lived lamp", category_code="table-linen")
    node.sync(now=now)
    assert titles(node, now, text="lamp") == {"Short-lived lamp"}
    catalog.withdraw_listing(listing_id=listing.id, actor=spain.actor, now=now)
    node.sync(now=now)
    assert titles(node, now, text="lamp") == set()
    suspend_seller(seller_id=spain.organisation_id, reason="fraud", actor=Actor.system("test"), now=now)
    node.sync(now=now)
    assert titles(node, now, filters={"country": ("ES",)}) == set()


def test_a_late_committer_is_never_skipped(goods, node, now):
    """An older transaction that commits last is still followed: positions are transaction ids, not row ids."""
    spain, _portugal = goods
    early = world.published(spain, now, title="Early bird feeder")
    late = world.published(spain, now, title="Late bloomer vase")
    node.sync(now=now)
    url = psycopg.conninfo.make_conninfo(host=connection.settings_dict["HOST"], port=connection.settings_dict["PORT"], user=connection.settings_dict["USER"], password=connection.settings_dict["PASSWORD"], dbname=connection.settings_dict["NAME"])  # fmt: skip
    rename = "UPDATE marketplace_listing SET title = %s WHERE id = %s"
    with psycopg.connect(url) as older, psycopg.connect(url) as newer:
        older.execute(rename, ["Renamed feeder", early.id])  # takes the older transaction id
        newer.execute(rename, ["Renamed vase", late.id])
        newer.commit()
        node.sync(now=now)  # sees at most the newer one
        assert titles(node, now, text="renamed") <= {"Renamed vase"}
        older.commit()
        node.sync(now=now)
    assert titles(node, now, text="renamed") == {"Renamed feeder", "Renamed vase"}


def test_a_corrupt_outdated_or_missing_index_is_rebuilt(goods, node, now):
    node.sync(now=now)
    node.release_writer()
    for file in node.files.iterdir():
        file.write_bytes(b"garbage")
    again = SearchNode(node.directory)
    assert again.become_writer()
    again.sync(now=now)
    assert search(SearchQuery(), now=now, at=again).total == 4
    (again.directory / "position.json").unlink()
    assert not again.is_ready()
    again.sync(now=now)
    assert again.is_ready()
    assert again.sync(now=now + timedelta(days=8)) == 4  # away longer than the feed is kept
    again.release_writer()


def test_a_node_whose_index_is_garbage_starts_and_heals_by_itself(goods, node, now):
    node.sync(now=now)
    node.release_writer()
    (node.files / "meta.json").write_bytes(b"{ not json")
    healed = SearchNode(node.directory)
    assert healed.become_writer()
    healed.sync(now=now)
    assert search(SearchQuery(), now=now, at=healed).total == 4
    healed.release_writer()


def test_texts_beside_the_index_grow_by_what_has_changed_alone(goods, node, now, monkeypatch):
    node.sync(now=now)
    reader = SearchNode(node.directory)
    assert search(SearchQuery(text="white linen"), now=now, at=reader).hits[0].title == "White linen tablecloth"
    size = node.texts.path.stat().st_size
    listing = Listing.objects.get(title="White linen tablecloth")
    Listing.objects.filter(id=listing.id).update(price_minor=4321)
    node.sync(now=now)
    assert node.texts.path.stat().st_size == size, "the price is no part of the text"
    Listing.objects.filter(id=listing.id).update(title="White linen tablecloth for a round table")
    node.sync(now=now)
    grown = node.texts.path.stat().st_size
    assert grown > size
    hit = search(SearchQuery(text="round table"), now=now, at=reader).hits[0]
    assert (hit.listing_id, hit.price.minor) == (listing.id, 4321)
    monkeypatch.setattr("marketplace.search.texts.SPARE_BYTES", -(10**9))
    node.sync(now=now)
    assert node.texts.path.stat().st_size == grown, "not while this process goes on writing"
    node.release_writer()
    assert node.become_writer()
    node.sync(now=now)
    assert node.texts.path.stat().st_size < grown, "old texts are gone after the next start"
    assert search(SearchQuery(text="round table"), now=now, at=reader).hits[0].listing_id == listing.id


def test_two_processes_of_a_node_do_not_fight_for_the_writer(goods, node, now):
    node.sync(now=now)
    reader = SearchNode(node.directory)
    assert not reader.become_writer()
    assert search(SearchQuery(), now=now, at=reader).total == 4
    node.release_writer()
    assert reader.become_writer()
    reader.release_writer()


def test_saved_is_found_within_two_seconds(goods, node, now):
    node.sync(now=now)
    start = perf_counter()
    world.published(goods[0], now, title="Brand new zebra rug")
    node.sync(now=now)
    assert titles(node, now, text="zebra") == {"Brand new zebra rug"}
    assert perf_counter() - start < 2


def test_every_hit_says_why(goods, node, now):
    node.sync(now=now)
    found = search(SearchQuery(text="linen"), now=now, at=node)
    assert found.model_version
    assert all(hit.factors for hit in found.hits)
    assert node.directory != settings.SEARCH_INDEX_DIR


def test_a_build_says_how_far_it_has_come(goods, node, now, settings, capsys):
    settings.SEARCH_INDEX_DIR = node.directory
    seen = []
    node.rebuild(now=now, progress=lambda done: seen.append((done, node.progress(), node.is_ready())))
    assert seen == [(4, (4, 4), False)]
    assert node.progress() is None
    assert node.status()["listings"] == 4
    node.release_writer()
    call_command("search_index", "--rebuild")
    assert "ready: False" in capsys.readouterr().out
    assert node.become_writer()
    assert node.sync(now=now) == 4
