"""Writes of reviews: post, answer, hide, restore."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from core.actor import Actor
from core.audit.services import record
from core.errors import InvalidInput, NotAllowed
from core.events.trust import ReviewModerated, ReviewPosted
from core.outbox.services import publish
from core.states import next_state
from marketplace import facade as marketplace
from marketplace.contracts import OrderLineView, OrderNotFound, OrderView
from trust.contracts import AlreadyAnswered, AlreadyReviewed, ReviewNotFound, ReviewNotPossible, ReviewState
from trust.reviews.models import Review, ReviewTransition
from trust.reviews.rules import MAX_TEXT, MAX_TITLE, RATINGS, is_reviewable
from trust.reviews.selectors import lock_review
from trust.reviews.states import TRANSITIONS, ReviewAction


def post_review(
    *, order_id: UUID, line_id: UUID, rating: int, title: str, text: str, actor: Actor, now: datetime
) -> Review:
    """The buyer rates a line of a delivered order, once. Publishes ReviewPosted.

    Raises OrderNotFound (not the buyer), ReviewNotPossible (not delivered), ReviewNotFound (the line is not in the
    order), AlreadyReviewed, InvalidInput.
    """
    order = marketplace.get_order(order_id)
    if not actor.acts_for(order.buyer_id):
        raise OrderNotFound()
    if not is_reviewable(order):
        raise ReviewNotPossible()
    line = _line_of(order, line_id)
    _check(rating, title, text)
    try:
        with transaction.atomic():
            review = Review.objects.create(
                order_id=order_id, line_id=line_id, listing_id=line.listing_id, listing_title=line.title,
                seller_id=order.seller_id, buyer_id=order.buyer_id, rating=rating, title=title.strip(),
                text=text.strip(), state=ReviewState.PUBLISHED, posted_at=now,
            )  # fmt: skip
            _note(review, from_state="", actor=actor, reason="", now=now)
            event = ReviewPosted(
                review_id=review.id, order_id=order_id, listing_id=line.listing_id, seller_id=order.seller_id,
                rating=rating, posted_at=now,
            )  # fmt: skip
            publish(event, actor=actor, now=now)
    except IntegrityError as error:
        raise AlreadyReviewed() from error
    return review


def answer_review(*, review_id: UUID, text: str, actor: Actor, now: datetime) -> Review:
    """The seller answers once, in public. Raises ReviewNotFound (not the seller, or hidden), AlreadyAnswered."""
    answer = text.strip()
    if not answer or len(answer) > MAX_TEXT:
        raise InvalidInput("Write an answer.", field="text", remedy=f"At most {MAX_TEXT} characters.")
    with transaction.atomic():
        review = lock_review(review_id)
        if not actor.acts_for(review.seller_id) or review.state != ReviewState.PUBLISHED:
            raise ReviewNotFound()
        if review.answer:
            raise AlreadyAnswered()
        review.answer, review.answered_at = answer, now
        review.save(update_fields=["answer", "answered_at"])
    return review


def hide_review(*, review_id: UUID, reason: str, actor: Actor, now: datetime) -> Review:
    """The operator takes a review down. Raises NotAllowed, InvalidInput (no reason), TransitionRefused."""
    return _move(review_id, ReviewAction.HIDE, reason=reason, actor=actor, now=now)


def restore_review(*, review_id: UUID, reason: str, actor: Actor, now: datetime) -> Review:
    """The operator puts it back."""
    return _move(review_id, ReviewAction.RESTORE, reason=reason, actor=actor, now=now)


def _move(review_id: UUID, action: ReviewAction, *, reason: str, actor: Actor, now: datetime) -> Review:
    if not actor.is_operator:
        raise NotAllowed("Only the operator decides.")
    if not reason.strip():
        raise InvalidInput("Give a reason.", field="reason")
    with transaction.atomic():
        review = lock_review(review_id)
        before = ReviewState(review.state)
        review.state = next_state(TRANSITIONS, before, action)
        review.save(update_fields=["state"])
        _note(review, from_state=before, actor=actor, reason=reason, now=now)
        moderated = ReviewModerated(
            review_id=review.id, listing_id=review.listing_id, seller_id=review.seller_id,
            is_hidden=review.state == ReviewState.HIDDEN, moderated_at=now,
        )  # fmt: skip
        publish(moderated, actor=actor, now=now)
        record(actor=actor, action=f"review.{action.value.lower()}", subject_type="review", subject_id=review.id,
               now=now, reason=reason)  # fmt: skip
    return review


def _note(review: Review, *, from_state: str, actor: Actor, reason: str, now: datetime) -> None:
    ReviewTransition.objects.create(
        review=review, from_state=from_state, to_state=review.state, actor=actor.reference, reason=reason, at=now
    )


def _line_of(order: OrderView, line_id: UUID) -> OrderLineView:
    for line in order.lines:
        if line.line_id == line_id:
            return line
    raise ReviewNotFound("This line is not part of the order.")


def _check(rating: int, title: str, text: str) -> None:
    if rating not in RATINGS:
        raise InvalidInput("Choose a rating.", field="rating", remedy="From 1 to 5 stars.")
    if len(title.strip()) > MAX_TITLE:
        raise InvalidInput("The title is too long.", field="title", remedy=f"At most {MAX_TITLE} characters.")
    if len(text.strip()) > MAX_TEXT:
        raise InvalidInput("The text is too long.", field="text", remedy=f"At most {MAX_TEXT} characters.")
