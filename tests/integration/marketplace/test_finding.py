"""What stands beside the results: the query's language, synonyms, suggestions, saved searches, a listing's place."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client

from core.errors import InvalidInput, NotAllowed, NotFound
from core.money import Money
from marketplace.search import services
from marketplace.search.models import SavedSearch, SynonymGroup
from marketplace.search.node import SearchNode
from marketplace.search.rules import SearchQuery
from marketplace.search.saved import due_for_alert, new_for, readable_address
from marketplace.search.selectors import place_of, search
from marketplace.search.suggestions import suggest
from marketplace.search.synonyms import in_force
from marketplace.storefront.letters import tell_new_goods
from tests import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(now):
    return world.open_seller(now)


@pytest.fixture
def node(settings, tmp_path, monkeypatch):
    settings.SEARCH_INDEX_DIR = tmp_path / "index"
    made = SearchNode(tmp_path / "index")
    assert made.become_writer()
    for name in ("selectors", "suggestions"):
        monkeypatch.setattr(f"marketplace.search.{name}.node", lambda: made)
    in_force.reset()
    yield made
    made.release_writer()
    in_force.reset()


def titles(node, now, text, **query):
    return [hit.title for hit in search(SearchQuery(text=text, **query), now=now, at=node).hits]


def lists(shop, now, *names, **changes):
    for name in names:
        world.published(shop, now, title=name, **changes)


@pytest.mark.parametrize(
    ("title", "typed"),
    [
        ("Wireless headset with stand", "head set"), ("Leather head band for summer", "headband"),
        ("Juego de zapatos de cuero para niños", "zapato"), ("Sacs de voyage pour les enfants", "sac"),
        ("Bücher und Hefte für die Schule", "buch"), ("Toalhas de praia com uma franja", "toalha"),
        ("Linen tablecloth 1,5 m wide", "tablecloth 150 cm"), ("Olive oil 500 ml", "olive oil 0.5 l"),
        ("亚麻桌布 白色 手工", "桌布"), ("STÓNEWARE mugs", "stoneware mug"),
    ],
)  # fmt: skip
def test_what_people_type_finds_what_is_meant(node, shop, now, title, typed):
    lists(shop, now, title, title + " II", "Something else entirely", description="Nothing more to say here.")
    node.rebuild(now=now)
    assert set(titles(node, now, typed)[:2]) == {title, title + " II"}


def test_a_code_finds_its_listing(node, shop, now):
    listing = world.published(shop, now, title="Glass vase, blown", gtin="4006381333931")
    lists(shop, now, "Another glass vase")
    node.rebuild(now=now)
    for typed in ("4006381333931", "04006381333931", str(listing.id)):
        assert titles(node, now, typed) == ["Glass vase, blown"], typed


@pytest.mark.parametrize(
    ("typed", "low", "high"),
    [
        ("lamp under 50", None, 5000), ("lámpara menos de 50 €", None, 5000), ("Lampe unter 49,90", None, 4990),
        ("lamp over 20", 2000, None), ("lamp between 20 and 50", 2000, 5000), ("lamp 2000", None, None),
    ],
)  # fmt: skip
def test_prices_in_the_words(node, shop, now, typed, low, high):
    lists(shop, now, "Reading lamp", price=Money(3000, "EUR"))
    lists(shop, now, "Palace lamp", price=Money(90000, "EUR"))
    node.rebuild(now=now)
    found = search(SearchQuery(text=typed), now=now, at=node)
    assert (found.price_from, found.price_to) == (low, high)
    if high:
        assert "Palace lamp" not in {hit.title for hit in found.hits}


def test_price_bars_count_as_if_no_price_were_chosen(node, shop, now):
    lists(shop, now, "Cheap linen cloth", price=Money(900, "EUR"))
    lists(shop, now, "Dear linen cloth", "Dearer linen cloth", price=Money(30000, "EUR"))
    node.rebuild(now=now)
    found = search(SearchQuery(text="linen", price_to=1000), now=now, at=node)
    assert found.total == 1
    assert {bar.low: bar.count for bar in found.prices if bar.count} == {0: 1, 20_000: 2}


def test_the_operators_synonyms(node, shop, now):
    lists(shop, now, "Woollen mantle", "Woollen mantle, grey")
    node.rebuild(now=now)
    operator = world.person(now, is_operator=True).actor
    assert search(SearchQuery(text="cloak"), now=now, at=node).total == 0
    group = services.keep_synonyms(group_id=None, words="cloak, mantle", is_active=True, actor=operator, now=now)
    in_force.reset()
    assert search(SearchQuery(text="cloak"), now=now, at=node).total == 2
    services.keep_synonyms(group_id=group.pk, words=group.words, is_active=False, actor=operator, now=now)
    in_force.reset()
    assert search(SearchQuery(text="cloak"), now=now, at=node).total == 0
    with pytest.raises(InvalidInput):
        services.keep_synonyms(group_id=None, words="alone", is_active=True, actor=operator, now=now)
    with pytest.raises(NotAllowed):
        services.keep_synonyms(group_id=None, words="a, b", is_active=True, actor=world.person(now).actor, now=now)
    client = Client()
    client.force_login(world.person(now, is_operator=True).user)
    sent = client.post("/admin/marketplace/synonymgroup/add/", {"words": "mug, beaker", "is_active": "on"})
    assert sent.status_code == 302
    assert SynonymGroup.objects.filter(words="mug, beaker").exists()


def test_suggestions(node, shop, now):
    lists(shop, now, "Linen tablecloth", "Linen napkin", "Lindworm puzzle")
    node.rebuild(now=now)
    found = suggest("lin", past=["line of work", "other"])
    assert [(s.kind, s.text) for s in found[:2]] == [("PAST", "line of work"), ("QUERY", "linen")]
    assert ("SHOP", "Telares Ruiz") in {(s.kind, s.text) for s in suggest("telar")}
    assert "CATEGORY" in {s.kind for s in suggest("table")}
    assert next(s.text for s in suggest("white lin") if s.kind == "QUERY") == "white linen"
    assert suggest("l") == []
    client = Client()
    assert "linen" in client.get("/search/suggestions/?q=lin").content.decode()
    assert {"kind": "QUERY", "text": "linen", "value": "linen"} in client.get(
        "/api/v1/search/suggestions/?q=lin"
    ).json()


def test_a_saved_search_tells_of_new_goods_once(node, shop, now):
    buyer = world.person(now)
    lists(shop, now, "Old linen cloth")
    address = readable_address("q=linen+cloth&page=3&sort=price&country=ES")
    assert address == "q=linen+cloth&country=ES"
    saved = services.save_search(name="Cloth", address=address, actor=buyer.actor, now=now)
    assert services.save_search(name="Again", address=address, actor=buyer.actor, now=now).id == saved.id
    later = now + timedelta(days=2)
    lists(shop, now + timedelta(days=1), "New linen cloth")
    node.rebuild(now=later)
    assert due_for_alert(now=now + timedelta(hours=3)) == []
    (due,) = due_for_alert(now=later)
    assert [hit.title for hit in new_for(due, now=later)] == ["New linen cloth"]
    assert tell_new_goods(due, now=later)
    assert "New linen cloth" in mail.outbox[-1].body
    assert not tell_new_goods(due, now=later)
    services.set_alert(search_id=saved.id, with_alert=False, actor=buyer.actor, now=later)
    assert due_for_alert(now=later + timedelta(days=5)) == []
    with pytest.raises(NotFound):
        services.forget_search(search_id=saved.id, actor=world.person(now).actor)
    services.forget_search(search_id=saved.id, actor=buyer.actor)
    assert not SavedSearch.objects.exists()


def test_the_pages_of_saved_searches(node, shop, now):
    lists(shop, now, "Linen cloth")
    node.rebuild(now=now)
    client = Client()
    client.force_login(world.person(now).user)
    page = client.get("/search/?q=linen&country=ES").content.decode()
    assert "Save this search" in page
    kept = client.post("/saved-searches/", {"address": "q=linen&country=ES", "name": "linen"}).content.decode()
    assert "/search/?q=linen&amp;country=ES" in kept
    saved = SavedSearch.objects.get()
    client.post(f"/saved-searches/{saved.id}/", {"alert": "off"})
    assert not SavedSearch.objects.get().with_alert
    client.post(f"/saved-searches/{saved.id}/", {"forget": "1"})
    assert not SavedSearch.objects.exists()


def test_a_seller_learns_why_and_what_would_help(node, shop, now):
    lists(shop, now, *(f"Linen tablecloth number {n}" for n in range(12)))
    plain = world.published(
        shop, now, title="Heavy cloth", description="For the table.", attributes={"material": "cotton"}
    )
    node.rebuild(now=now)
    place = place_of(plain.id, SearchQuery(text="linen tablecloth"), now=now, at=node)
    assert place.position is None or place.position > 12
    assert place.missing_words == ("tablecloth",)  # the category is table linen
    first = place_of(
        world.published(shop, now, title="Linen tablecloth").id, SearchQuery(text="linen"), now=now, at=node
    )
    assert first.position is None  # not indexed yet
    client = Client()
    client.force_login(shop.user)
    page = client.get(f"/sell/listings/{plain.id}/place/?q=linen+tablecloth").content.decode()
    assert "What would help" in page


def test_recently_seen(node, shop, now):
    listing = world.published(shop, now, title="Linen cloth to remember")
    node.rebuild(now=now)
    client = Client()
    assert "Recently seen" not in client.get("/").content.decode()
    client.get(f"/listings/{listing.id}/")
    assert "Recently seen" in client.get("/").content.decode()
