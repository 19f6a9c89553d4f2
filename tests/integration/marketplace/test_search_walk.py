"""Deep paging: every result once, in order, and what comes or goes elsewhere moves nothing."""

from dataclasses import replace

import pytest
from django.test import Client

from core.errors import InvalidInput
from core.money import Money
from marketplace.catalog import services as catalog
from marketplace.search import beyond, rules, selectors, walking
from marketplace.search.node import SearchNode
from marketplace.search.rules import SearchQuery, Sort
from marketplace.search.walking import walk
from marketplace.storefront import views
from tests import world

pytestmark = pytest.mark.django_db
MANY = 57


@pytest.fixture
def seller(now):
    return world.open_seller(now)


@pytest.fixture
def index(settings, tmp_path, now, monkeypatch):
    settings.SEARCH_INDEX_DIR = tmp_path / "index"
    node = SearchNode(tmp_path / "index")
    assert node.become_writer()
    for place in ("selectors", "walking", "beyond"):
        monkeypatch.setattr(f"marketplace.search.{place}.node", lambda: node)
    yield lambda: node.rebuild(now=now)
    node.release_writer()


@pytest.fixture
def listings(index, seller, now):
    """Three prices, so that most share theirs."""
    made = [
        world.published(seller, now, title=f"Cloth number {n}", price=Money(1000 + n % 3, "EUR")) for n in range(MANY)
    ]
    index()
    return made


def follow(query, now, *, between=lambda page: None):
    cursor, hits = "", []
    for page in range(20):
        found = walk(query, cursor, now=now)
        hits += found.hits
        cursor = found.next_cursor
        if not cursor:
            return hits
        between(page)
    raise AssertionError("There is no end.")


@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize("text", ["cloth", ""])
def test_every_result_comes_once(listings, now, sort, text, monkeypatch):
    for module in (rules, walking):
        monkeypatch.setattr(module, "CANDIDATES", 30)
    monkeypatch.setattr("marketplace.search.selectors.CANDIDATES", 30)
    hits = follow(SearchQuery(text=text, sort=sort), now)
    assert len(hits) == MANY
    assert {hit.listing_id for hit in hits} == {one.id for one in listings}
    if sort in {Sort.PRICE_UP, Sort.PRICE_DOWN}:
        prices = [hit.price.minor for hit in hits]
        assert prices == sorted(prices, reverse=sort is Sort.PRICE_DOWN)


def test_what_comes_and_goes_before_the_cursor_moves_nothing(listings, index, seller, now):
    query = SearchQuery(text="cloth", sort=Sort.PRICE_UP)
    gone = walk(query, "", now=now).hits[:5]

    def change(page):
        if page == 0:
            for hit in gone:
                catalog.withdraw_listing(listing_id=hit.listing_id, actor=seller.actor, now=now)
            world.published(seller, now, title="Cloth that came later", price=Money(900, "EUR"))
            index()

    hits = follow(query, now, between=change)
    assert [hit.listing_id for hit in hits].count(hits[0].listing_id) == 1
    assert {hit.listing_id for hit in hits} == {one.id for one in listings}


@pytest.mark.parametrize(
    ("cursor", "sort"),
    [("x", Sort.BEST), ("v10.2", Sort.BEST), ("r24", Sort.PRICE_UP), ("v-1.2", Sort.PRICE_UP), ("r99999", Sort.BEST)],
)
def test_a_foreign_cursor_is_refused(listings, now, cursor, sort):
    with pytest.raises(InvalidInput) as refused:
        walk(SearchQuery(sort=sort), cursor, now=now)
    assert refused.value.field == "cursor"


def test_the_api_walks(listings, now):
    client, cursor, seen = Client(), "", set()
    while True:
        answer = client.get(f"/api/v1/search/walk/?q=cloth&sort=-price&cursor={cursor}").json()
        seen |= {hit["listing_id"] for hit in answer["hits"]}
        assert answer["total"] == MANY
        cursor = answer["next_cursor"]
        if not cursor:
            break
    assert seen == {str(one.id) for one in listings}
    assert client.get("/api/v1/search/walk/?cursor=nonsense").status_code == 422


@pytest.fixture
def few_pages(monkeypatch):
    """Two numbered pages of seven: the other 43 lie beyond."""
    for name, value in (("PAGE_SIZE", 7), ("MAX_PAGE", 2), ("CANDIDATES", 14)):
        for module in (selectors, beyond):
            monkeypatch.setattr(module, name, value, raising=False)


@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize("text", ["cloth", ""])
def test_pages_go_on_past_the_last_numbered_one_and_back(listings, few_pages, now, sort, text):
    query = SearchQuery(text=text, sort=sort)
    shown = [hit for page in (1, 2) for hit in selectors.search(replace(query, page=page), now=now).hits]
    pages, cursor = [], ""
    for _ in range(9):
        pages.append(beyond.page_beyond(query, cursor, now=now))
        cursor = pages[-1].after
        if not cursor:
            break
    behind = [hit for page in pages for hit in page.hits]
    assert {h.listing_id for h in [*shown, *behind]} == {one.id for one in listings}
    assert len(shown) + len(behind) == MANY
    prices = [hit.price.minor for hit in [*shown, *behind]]
    if sort in {Sort.PRICE_UP, Sort.PRICE_DOWN}:
        assert prices == sorted(prices, reverse=sort is Sort.PRICE_DOWN)
    back, cursor = [pages[-1]], pages[-1].before
    for _ in range(9):
        if cursor:
            back.append(beyond.page_beyond(query, cursor, now=now, backwards=True))
            cursor = back[-1].before
    ids = [[hit.listing_id for hit in page.hits] for page in pages]
    assert [[hit.listing_id for hit in page.hits] for page in reversed(back)] == ids
    assert (pages[0].before, back[-1].before) == ("", "")


@pytest.mark.parametrize(("cursor", "backwards"), [("x", False), ("v1.2", False), ("", True), ("-1", True)])
def test_an_odd_place_beyond_is_refused(listings, now, cursor, backwards):
    with pytest.raises(InvalidInput):
        beyond.page_beyond(SearchQuery(), cursor, now=now, backwards=backwards)


def test_the_page_links_on_and_back(listings, few_pages, monkeypatch, settings):
    for name, value in (("PAGE_SIZE", 7), ("MAX_PAGE", 2)):
        monkeypatch.setattr(views, name, value)
    client = Client()
    last = client.get("/search/?q=cloth&page=2")
    assert last.context["next_url"] == "/search/?q=cloth&after=start"
    deep = client.get(last.context["next_url"])
    assert deep.context["previous_url"] == "/search/?q=cloth&page=2"
    assert "Past the last numbered page" in deep.content.decode()
    second = client.get(deep.context["next_url"])
    assert "before=" in second.context["previous_url"]
    again = client.get(second.context["previous_url"])
    assert [c.hit.listing_id for c in again.context["cards"]] == [c.hit.listing_id for c in deep.context["cards"]]
    assert client.get("/search/?q=cloth&after=nonsense").status_code == 200
