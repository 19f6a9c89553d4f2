"""Search order changes for a reason that the page can show."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from analytics import facade
from analytics.ranking.linear import LinearRanking
from analytics.ranking.models import RankingVersion
from analytics.ranking.rules import DEFAULT_VERSION, DEFAULT_WEIGHTS, InvalidWeights
from analytics.ranking.services import activate_version, create_version
from core.actor import Actor
from core.errors import InvalidInput, NotFound
from marketplace.search.node import SearchNode
from marketplace.search.ports import ranking_model
from marketplace.search.reasons import reason, sign
from marketplace.search.rules import SearchQuery
from marketplace.search.selectors import search
from tests import world
from trust import facade as trust

OPERATOR = Actor.system("test")


@pytest.fixture
def node(tmp_path):
    here = SearchNode(tmp_path / "search")
    assert here.become_writer()
    yield here
    here.release_writer()


def test_sales_and_reviews_move_a_listing_up_and_the_page_says_why(real_database, node, now):
    ranking_model().reset()
    seller, buyer = world.open_seller(now), world.person(now)
    first, second = world.published(seller, now), world.published(seller, now)
    query = SearchQuery(text="linen tablecloth")
    node.sync(now=now)
    before = [hit.listing_id for hit in search(query, now=now, at=node).hits]
    assert set(before) == {first.id, second.id}
    behind = first if before[1] == first.id else second

    order = world.buy(buyer, behind, now, quantity=4)
    delivered = world.ship(seller, order, now)
    trust.post_review(order_id=order.id, line_id=order.lines.get().id, rating=5, title="Fine", text="Soft and heavy.",
                      actor=buyer.actor, now=delivered)  # fmt: skip
    facade.compute_listing_signals(delivered, [first.id, second.id])
    assert node.sync(now=delivered) >= 1
    found = search(query, now=delivered, at=node)
    assert [hit.listing_id for hit in found.hits] == before[::-1]
    assert found.model_version == DEFAULT_VERSION
    why = {f.code: f for f in found.hits[0].factors}
    assert (why["SALES"].value, why["RATING"].value) == (4, 500)
    assert sign(why["SALES"]) == "up"
    assert reason(why["SALES"]) == "4 sold in the last 30 days."
    assert "SALES" not in {f.code for f in found.hits[1].factors}


@pytest.mark.django_db
def test_versions_are_written_down_activated_and_never_changed(now):
    weights = {**DEFAULT_WEIGHTS, "TEXT": 0.30, "RATING": 0.26}
    create_version(version="2026-2", weights=weights, note="More for ratings", actor=OPERATOR, now=now)
    model = LinearRanking()
    assert model.version == DEFAULT_VERSION
    activate_version(version="2026-2", reason="Trial went well", actor=OPERATOR, now=now)
    model.reset()
    assert (model.version, dict(model.published_weights())) == ("2026-2", weights)
    with pytest.raises(DatabaseError), transaction.atomic():
        RankingVersion.objects.update(note="rewritten")
    with pytest.raises(InvalidInput):
        create_version(version="2026-2", weights=weights, note="", actor=OPERATOR, now=now)
    with pytest.raises(InvalidWeights):
        create_version(version="x", weights={"TEXT": 1}, note="", actor=OPERATOR, now=now)
    with pytest.raises(NotFound):
        activate_version(version="none", reason="", actor=OPERATOR, now=now)


@pytest.mark.django_db
def test_the_ranking_page_shows_the_weights_in_force(client):
    ranking_model().reset()
    page = client.get("/ranking/").content.decode()
    assert DEFAULT_VERSION in page
    assert "40" in page
