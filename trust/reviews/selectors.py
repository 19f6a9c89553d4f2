"""Reads of reviews."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Count, QuerySet

from core.identity.selectors import organisation_names
from trust.contracts import ReviewNotFound, ReviewState, ReviewView
from trust.reviews.models import Review
from trust.reviews.rules import RATINGS, average_hundredths


def published_reviews(listing_id: UUID) -> QuerySet[Review]:
    """Newest first; page it."""
    return Review.objects.filter(listing_id=listing_id, state=ReviewState.PUBLISHED)


def reviews_of_seller(seller_id: UUID) -> QuerySet[Review]:
    """Published reviews of a seller's goods, newest first; page it."""
    return Review.objects.filter(seller_id=seller_id, state=ReviewState.PUBLISHED)


def reviewed_lines(order_id: UUID) -> dict[UUID, Review]:
    """Line id -> its review."""
    return {review.line_id: review for review in Review.objects.filter(order_id=order_id)[:500]}


def lock_review(review_id: UUID) -> Review:
    """Raises ReviewNotFound."""
    review = Review.objects.select_for_update().filter(id=review_id).first()
    if review is None:
        raise ReviewNotFound()
    return review


def rating_counts(reviews: QuerySet[Review]) -> dict[int, int]:
    """Rating -> number of reviews, every rating present."""
    found = dict(reviews.order_by().values_list("rating").annotate(n=Count("id")))
    return {rating: int(found.get(rating, 0)) for rating in RATINGS}


def seller_rating(seller_id: UUID) -> tuple[int, int]:
    """(average in hundredths, number of reviews)."""
    counts = rating_counts(reviews_of_seller(seller_id))
    return average_hundredths(counts), sum(counts.values())


def listing_ratings(listing_ids: Iterable[UUID]) -> dict[UUID, tuple[int, int]]:
    """Listing id -> (average in hundredths, number), in one query; listings without reviews are left out."""
    rows = (
        Review.objects.filter(listing_id__in=set(listing_ids), state=ReviewState.PUBLISHED).order_by()
        .values_list("listing_id", "rating").annotate(n=Count("id"))
    )  # fmt: skip
    counts: dict[UUID, dict[int, int]] = {}
    for listing_id, rating, number in rows:
        counts.setdefault(listing_id, {})[rating] = int(number)
    return {key: (average_hundredths(found), sum(found.values())) for key, found in counts.items()}


def review_views(reviews: Iterable[Review]) -> list[ReviewView]:
    """Contracts of reviews in one query for all names. An author is shown by the first word of their name."""
    found = list(reviews)
    names = organisation_names(review.buyer_id for review in found)
    return [
        ReviewView(
            review_id=r.id, order_id=r.order_id, line_id=r.line_id, listing_id=r.listing_id, seller_id=r.seller_id,
            rating=r.rating, title=r.title, text=r.text, author=names.get(r.buyer_id, "").split(" ")[0],
            state=ReviewState(r.state), posted_at=r.posted_at, answer=r.answer, answered_at=r.answered_at,
        )
        for r in found
    ]  # fmt: skip
