"""The same thing of several sellers: proposed by barcode and title, shown only once people agree."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.errors import NotFound, TransitionRefused
from core.money import Money
from core.states import next_state
from marketplace.catalog import services as catalog
from marketplace.offers.models import Match, SharedGood
from marketplace.offers.rules import likeness_percent
from marketplace.offers.selectors import offers_beside
from marketplace.offers.services import decide_match, propose_matches
from marketplace.offers.states import TRANSITIONS, MatchAction, MatchState
from tests import world

pytestmark = pytest.mark.django_db
EAN = "4006381333931"


@pytest.fixture
def sellers(now):
    return [world.open_seller(now, name=name) for name in ("Alfa", "Beta", "Gamma")]


def pens(sellers, now):
    return [
        world.published(seller, now, title=f"Pen of {n}", gtin=EAN, price=Money(1000 - 100 * n, "EUR"))
        for n, seller in enumerate(sellers)
    ]


def accept(listing, actor, now):
    return decide_match(match_id=Match.objects.get(listing=listing).id, accept=True, actor=actor, now=now)


def test_a_barcode_is_proposed_once_and_shown_when_sellers_agree(sellers, now):
    listings = pens(sellers, now)
    world.published(sellers[0], now, title="Something without a number")
    assert propose_matches(now=now) == 3
    assert propose_matches(now=now) == 0
    assert SharedGood.objects.count() == 1
    assert set(Match.objects.values_list("state", "reason")) == {("PROPOSED", "GTIN")}
    assert offers_beside(listings[0].id) == []
    for listing, seller in zip(listings, sellers, strict=True):
        accept(listing, seller.actor, now)
    assert [one.id for one in offers_beside(listings[0].id)] == [listings[2].id, listings[1].id]
    page = Client().get(f"/listings/{listings[0].id}/").content.decode()
    assert "3 offers of the same thing" in page
    assert f'href="/listings/{listings[2].id}/"' in page
    catalog.withdraw_listing(listing_id=listings[2].id, actor=sellers[2].actor, now=now)
    assert [one.id for one in offers_beside(listings[0].id)] == [listings[1].id]


def test_titles_that_are_almost_the_same_are_proposed_within_brand_and_category(sellers, now):
    same = {"brand": "Ruiz"}
    first = world.published(sellers[0], now, title="Linen tablecloth Aurora white 140 cm", **same)
    close = world.published(sellers[1], now, title="Tablecloth Aurora, linen, white, 140 cm", brand="RUIZ")
    world.published(sellers[2], now, title="Linen tablecloth Aurora white 180 cm", **same)
    world.published(sellers[2], now, title="Linen tablecloth Aurora white 140 cm", brand="Other")
    assert propose_matches(now=now) == 2
    assert set(Match.objects.values_list("listing_id", "reason")) == {(first.id, "TITLE"), (close.id, "TITLE")}
    assert propose_matches(now=now + timedelta(days=3)) == 0


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Red cup", "red CUP", True),
        ("Red cup 250 ml", "Red cup 500 ml", False),
        ("", "x", False),
        ("a b c", "d e f", False),
    ],
)
def test_likeness(one, other, alike):
    assert (likeness_percent(one, other) >= 70) is alike
    assert likeness_percent(one, other) == likeness_percent(other, one)


def test_what_was_declined_is_not_shown_nor_proposed_again(sellers, now):
    listings = pens(sellers[:2], now)
    propose_matches(now=now)
    accept(listings[0], sellers[0].actor, now)
    match = Match.objects.get(listing=listings[1])
    decide_match(match_id=match.id, accept=False, actor=sellers[1].actor, now=now)
    assert propose_matches(now=now) == 0
    assert offers_beside(listings[0].id) == []
    operator = world.person(now, is_operator=True)
    decide_match(match_id=match.id, accept=True, actor=operator.actor, now=now, reason="same barcode and maker")
    assert len(offers_beside(listings[0].id)) == 1


@pytest.mark.parametrize("state", list(MatchState))
@pytest.mark.parametrize("action", list(MatchAction))
def test_all_pairs_of_states(state, action):
    if (state, action) in TRANSITIONS:
        assert next_state(TRANSITIONS, state, action) is TRANSITIONS[state, action]
    else:
        with pytest.raises(TransitionRefused):
            next_state(TRANSITIONS, state, action)


def test_others_decide_nothing(sellers, now):
    listings = pens(sellers[:2], now)
    propose_matches(now=now)
    match = Match.objects.get(listing=listings[0])
    for stranger in (sellers[1], sellers[2], world.person(now)):
        with pytest.raises(NotFound):
            decide_match(match_id=match.id, accept=True, actor=stranger.actor, now=now)
        client = Client()
        client.force_login(stranger.user)
        answer = client.put(
            f"/api/v1/matches/{match.id}/", json.dumps({"accept": True}), content_type="application/json"
        )
        assert answer.status_code == 404
    match.refresh_from_db()
    assert match.state == "PROPOSED"


def test_pages_api_and_admin(sellers, now):
    listings = pens(sellers[:2], now)
    propose_matches(now=now)
    match = Match.objects.get(listing=listings[0])
    client = Client()
    client.force_login(sellers[0].user)
    assert "The same barcode number" in client.get("/sell/matches/").content.decode()
    assert client.post(f"/sell/matches/{match.id}/decision/", {"accept": "1"}).status_code == 302
    (row,) = client.get("/api/v1/matches/").json()["results"]
    assert (row["match_state"], row["match_reason"]) == ("ACCEPTED", "GTIN")
    assert client.put(f"/api/v1/matches/{match.id}/", "{}", content_type="application/json").status_code == 422
    operator = Client()
    operator.force_login(world.person(now, is_operator=True).user)
    assert operator.get("/admin/marketplace/match/").status_code == 200


def test_offers_cost_the_same_for_any_number(sellers, now):
    listings = pens(sellers, now)
    propose_matches(now=now)
    accept(listings[0], sellers[0].actor, now)
    accept(listings[1], sellers[1].actor, now)
    with CaptureQueriesContext(connection) as two:
        offers_beside(listings[0].id)
    accept(listings[2], sellers[2].actor, now)
    with CaptureQueriesContext(connection) as three:
        offers_beside(listings[0].id)
    assert len(two) == len(three) == 1
