"""Reviews, verification cases and scorecards through the services."""

from __future__ import annotations

import pytest

from core.actor import Actor
from core.errors import InvalidInput, NotAllowed
from core.money import Money
from core.outbox import services as outbox
from core.outbox.models import EventRecord
from marketplace import facade as marketplace
from marketplace.contracts import OrderNotFound, SellerState
from marketplace.orders import services as orders
from marketplace.sellers import services as sellers
from tests import world
from tests.factories.trust import OPERATOR, delivered_deal, paid_deal
from trust import facade
from trust.contracts import AlreadyAnswered, AlreadyReviewed, CaseNotFound, ReviewNotFound, ReviewNotPossible
from trust.disputes.services import decide_dispute
from trust.reviews import services as reviews
from trust.reviews.selectors import reviews_of_seller
from trust.scorecards.models import OrderFact, Scorecard
from trust.verification.models import CaseTransition, VerificationCase


def review(deal, *, actor=None, line_id=None, rating=5, **changes):
    values = {"title": "Lovely", "text": "Soft linen."} | changes
    return facade.post_review(
        order_id=deal.order.id, line_id=line_id or deal.line_id, rating=rating, actor=actor or deal.buyer.actor,
        now=deal.at, **values,
    )  # fmt: skip


def test_only_the_buyer_of_delivered_goods_reviews_once(real_database, now):
    deal = paid_deal(now)
    with pytest.raises(ReviewNotPossible):
        review(deal)
    deal.at = world.ship(deal.seller, deal.order, now)
    for actor in (deal.seller.actor, world.person(now).actor, OPERATOR):
        with pytest.raises(OrderNotFound):
            review(deal, actor=actor)
    other = delivered_deal(now, seller=deal.seller)
    with pytest.raises(ReviewNotFound):
        review(deal, line_id=other.line_id)
    for rating in (0, 6):
        with pytest.raises(InvalidInput):
            review(deal, rating=rating)
    posted = review(deal, rating=4)
    assert (posted.author, posted.rating) == ("Ana", 4)
    with pytest.raises(AlreadyReviewed):
        review(deal, rating=1)
    assert facade.listing_ratings([posted.listing_id]) == {posted.listing_id: (400, 1)}
    assert reviews_of_seller(deal.seller.organisation_id).count() == 1
    assert EventRecord.objects.filter(name="trust.review.posted.v1").count() == 1


def test_the_seller_answers_once_and_the_operator_hides(real_database, now):
    deal = delivered_deal(now)
    posted = review(deal, rating=1)
    for actor in (deal.buyer.actor, world.open_seller(now).actor):
        with pytest.raises(ReviewNotFound):
            facade.answer_review(review_id=posted.review_id, text="No", actor=actor, now=now)
    facade.answer_review(review_id=posted.review_id, text="Sorry", actor=deal.seller.actor, now=now)
    with pytest.raises(AlreadyAnswered):
        facade.answer_review(review_id=posted.review_id, text="Again", actor=deal.seller.actor, now=now)
    with pytest.raises(NotAllowed):
        reviews.hide_review(review_id=posted.review_id, reason="bad", actor=deal.seller.actor, now=now)
    reviews.hide_review(review_id=posted.review_id, reason="insults", actor=OPERATOR, now=now)
    assert facade.listing_ratings([posted.listing_id]) == {}
    reviews.restore_review(review_id=posted.review_id, reason="mistake", actor=OPERATOR, now=now)
    assert facade.listing_ratings([posted.listing_id]) == {posted.listing_id: (100, 1)}


def submitted(now):
    seller = world.person(now)
    sellers.save_profile(profile=world.profile("Alfar"), actor=seller.actor, now=now)
    sellers.submit_profile(actor=seller.actor, now=now)
    outbox.drain(now=now)
    return seller


@pytest.mark.django_db
@pytest.mark.parametrize(("approved", "state"), [(True, SellerState.VERIFIED), (False, SellerState.REJECTED)])
def test_the_operator_decides_a_case_once(now, approved, state):
    seller = submitted(now)
    case = VerificationCase.objects.get(seller_id=seller.organisation_id)
    assert case.state == "OPEN"
    arguments = {"seller_id": seller.organisation_id, "approved": approved, "reason": "papers", "now": now}
    with pytest.raises(NotAllowed):
        facade.decide_verification(actor=seller.actor, **arguments)
    with pytest.raises(InvalidInput):
        facade.decide_verification(actor=OPERATOR, **(arguments | {"reason": ""}))
    facade.decide_verification(actor=OPERATOR, **arguments)
    assert marketplace.get_seller(seller.organisation_id).state is state
    assert CaseTransition.objects.filter(case=case).count() == 2
    with pytest.raises(CaseNotFound):
        facade.decide_verification(actor=OPERATOR, **arguments)
    if not approved:
        sellers.submit_profile(actor=seller.actor, now=now)
        facade.decide_verification(actor=OPERATOR, **(arguments | {"approved": True}))
        outbox.drain(now=now)
        assert VerificationCase.objects.filter(seller_id=seller.organisation_id).count() == 2


def test_figures_follow_from_what_happened(real_database, now):
    deal = delivered_deal(now)
    seller_id = deal.seller.organisation_id
    review(deal, rating=4)
    outbox.drain(now=deal.at)
    assert facade.recompute_due_scorecards(now=deal.at, limit=10) == 1
    card = facade.scorecard(seller_id)
    assert (card.rating_hundredths, card.rating_count, card.orders_count) == (400, 1, 1)
    assert (card.promise_kept_bp, card.on_time_bp, card.dispute_rate_bp, card.cancel_rate_bp) == (None,) * 4
    assert marketplace.get_seller(seller_id)
    assert EventRecord.objects.filter(name="trust.scorecard.recomputed.v1").count() == 1
    outbox.drain(now=deal.at)
    assert facade.recompute_due_scorecards(now=deal.at, limit=10) == 0

    dispute = deal.dispute()
    decide_dispute(dispute_id=dispute.id, refund=Money(100, "EUR"), seller_at_fault=True, reason="torn",
                   actor=OPERATOR, now=deal.at)  # fmt: skip
    cancelled = paid_deal(deal.at, seller=deal.seller, buyer=deal.buyer)
    orders.cancel_order(order_id=cancelled.order.id, reason="broken", actor=deal.seller.actor, now=deal.at)
    outbox.drain(now=deal.at)
    facade.recompute_due_scorecards(now=deal.at, limit=10)
    facts = Scorecard.objects.filter(seller_id=seller_id).first().facts
    assert (facts["lost_disputes"], facts["cancelled_by_seller"], facts["shipped"]) == (1, 1, 1)
    assert set(OrderFact.objects.values_list("kind", flat=True)) == {"SHIPPED_ON_TIME", "CANCELLED_BY_SELLER"}


def test_cancelling_by_the_buyer_is_no_fault_of_the_seller(real_database, now):
    deal = paid_deal(now)
    orders.cancel_order(order_id=deal.order.id, reason="changed my mind", actor=deal.buyer.actor, now=now)
    outbox.drain(now=now)
    assert not OrderFact.objects.exists()


def test_the_system_is_an_actor_for_the_demo(real_database, now):
    deal = delivered_deal(now)
    dispute = deal.dispute()
    facade.decide_dispute(
        dispute_id=dispute.id, refund=dispute.amount, seller_at_fault=False, reason="demo",
        actor=Actor.system("demo"), now=deal.at,
    )  # fmt: skip
    assert facade.count_open_disputes(deal.seller.organisation_id) == 0
