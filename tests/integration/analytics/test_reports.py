"""The seller's dashboard, its file and its API; the operator's overview; strangers see nothing."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics import facade
from analytics.ranking.rules import DEFAULT_WEIGHTS
from core import signals
from core.clock import utc_now
from core.signals import Signal
from tests import world


@pytest.fixture
def now():
    """Pages read the clock."""
    return utc_now()


def visits(now, listing, times=1):
    for name in (signals.IMPRESSION, signals.IMPRESSION, signals.CLICKED, signals.VIEWED, signals.ADDED_TO_CART):
        facade.store_signals(
            [Signal(name, now, listing_id=listing.id, seller_id=listing.seller_id) for _ in range(times)], now
        )


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/sell/overview/", "/sell/overview/export/"])
def test_strangers_and_people_without_a_shop_are_sent_away(client, now, path):
    assert client.get(path).status_code == 302
    client.force_login(world.person(now, is_operator=True).user)
    assert client.get(path).status_code == 404
    client.force_login(world.person(now).user)
    assert client.get(path).headers["Location"] == "/sell/"


@pytest.mark.django_db
def test_a_new_shop_sees_what_the_page_is_for(client, now):
    client.force_login(world.open_seller(now).user)
    for language, words in (("en", "Nobody came by yet"), ("es", "Todavía no ha pasado nadie")):
        page = client.get("/sell/overview/?days=7", headers={"accept-language": language})
        assert page.status_code == 200
        assert words in page.content.decode()


def test_the_dashboard_shows_own_work_money_and_figures_in_constant_queries(real_database, client, now):
    seller, other, buyer = world.open_seller(now), world.open_seller(now), world.person(now)
    listing = world.published(seller, now, title="Runner of raw silk")
    visits(now, listing)
    facade.roll_up(now)
    order = world.buy(buyer, listing, now)
    client.force_login(seller.user)
    client.get("/sell/overview/")
    with CaptureQueriesContext(connection) as few:
        page = client.get("/sell/overview/").content.decode()
    for text in (order.number, "Runner of raw silk", "Held", "100.0 %"):
        assert text in page
    more = [world.published(seller, now, title=f"Cloth {n}") for n in range(4)]
    for one in more:
        visits(now, one, 3)
        world.buy(buyer, one, now)
    facade.roll_up(now)
    with CaptureQueriesContext(connection) as many:
        assert "Cloth 3" in client.get("/sell/overview/?days=90").content.decode()
    assert len(many) == len(few)

    lines = client.get("/sell/overview/export/?days=7").content.decode().splitlines()
    assert len(lines) == 8
    assert lines[-1].split(",")[1:7] == ["26", "13", "13", "13", "5", "5"]
    client.force_login(other.user)
    page = client.get("/sell/overview/").content.decode()
    assert order.number not in page
    assert "Runner" not in page


def test_the_api_gives_a_seller_its_own_figures(real_database, client, now):
    seller, stranger = world.open_seller(now), world.person(now)
    listings = [world.published(seller, now) for _ in range(3)]
    for listing in listings:
        visits(now, listing)
    facade.roll_up(now)
    assert client.get("/api/v1/analytics/overview/").status_code in {401, 403}
    client.force_login(stranger.user)
    for path in ("overview", "listings"):
        assert client.get(f"/api/v1/analytics/{path}/").status_code == 404
    client.force_login(seller.user)
    seen = client.get("/api/v1/analytics/overview/?days=7").json()
    assert (len(seen["days"]), seen["behaviour"]["views"], seen["revenue"]) == (7, 3, {"minor": 0, "currency": "EUR"})
    assert client.get("/api/v1/analytics/overview/?days=8").status_code in {400, 422}
    first = client.get("/api/v1/analytics/listings/?page_size=2").json()
    second = client.get(first["next"]).json()
    ids = [row["listing_id"] for row in first["results"] + second["results"]]
    assert ids == sorted(str(listing.id) for listing in listings)


def test_the_operator_sees_the_house(real_database, client, now):
    seller, buyer = world.open_seller(now), world.person(now)
    world.buy(buyer, world.published(seller, now), now)
    client.force_login(world.person(now, is_operator=True).user)
    page = client.get("/admin/", follow=True).content.decode()
    for words in ("Held in escrow", "Parked events", "Paid, to be shipped"):
        assert words in page


@pytest.mark.django_db
def test_the_operator_writes_a_ranking_version_and_puts_it_in_force(client, now):
    import json

    from analytics.ranking.selectors import get_active_weights

    client.force_login(world.person(now, is_operator=True).user)
    path = "/admin/analytics/rankingversion/"
    bad = client.post(f"{path}add/", {"version": "2026-9", "weights": '{"TEXT": 1}', "note": "n"})
    assert bad.status_code == 200
    fields = {"version": "2026-9", "weights": json.dumps(dict(DEFAULT_WEIGHTS)), "note": "As shipped"}
    assert client.post(f"{path}add/", fields).status_code == 302
    from analytics.ranking.models import RankingVersion

    chosen = RankingVersion.objects.get()
    client.post(path, {"action": "put_in_force", "_selected_action": [chosen.pk]})
    assert get_active_weights()[0] == "2026-9"
