"""The door of trust: disputes, reviews, verification and reputation. Ids and contracts in, contracts out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.files.base import File

from core.actor import Actor
from core.money import Money
from trust.contracts import (
    DisputeReason,
    DisputeView,
    DisputeWish,
    EvidenceView,
    MessageView,
    ReviewView,
    ScorecardView,
)
from trust.disputes import evidence
from trust.disputes import selectors as dispute_reads
from trust.disputes import services as disputes
from trust.reviews import selectors as review_reads
from trust.reviews import services as reviews
from trust.scorecards import selectors as scorecard_reads
from trust.scorecards import services as scorecards
from trust.verification import services as verification


def open_dispute(
    *, order_id: UUID, reason: DisputeReason, wish: DisputeWish, description: str, actor: Actor, now: datetime,
    lines: Sequence[str] | None = None,
) -> DisputeView:  # fmt: skip
    """The buyer complains about all or some lines; their money freezes in the same transaction.

    Raises OrderNotFound, UnknownLine, DisputeNotPossible.
    """
    dispute = disputes.open_dispute(
        order_id=order_id, reason=reason, wish=wish, description=description, lines=lines, actor=actor, now=now
    )
    return dispute_reads.dispute_view(dispute)


def post_message(*, dispute_id: UUID, text: str, actor: Actor, now: datetime) -> MessageView:
    """Raises DisputeNotFound, DisputeClosed, InvalidInput."""
    return dispute_reads.message_view(disputes.post_message(dispute_id=dispute_id, text=text, actor=actor, now=now))


def add_evidence(*, dispute_id: UUID, upload: File[Any], actor: Actor, now: datetime) -> EvidenceView:
    """A PDF or picture. Raises DisputeNotFound, DisputeClosed, BadUpload, TooMuchEvidence."""
    return dispute_reads.evidence_view(
        evidence.add_evidence(dispute_id=dispute_id, upload=upload, actor=actor, now=now)
    )  # fmt: skip


def withdraw_dispute(*, dispute_id: UUID, actor: Actor, now: datetime) -> DisputeView:
    """The buyer gives up; the order goes on. Raises DisputeNotFound, DisputeClosed."""
    return dispute_reads.dispute_view(disputes.withdraw_dispute(dispute_id=dispute_id, actor=actor, now=now))


def accept_refund(*, dispute_id: UUID, actor: Actor, now: datetime) -> DisputeView:
    """The seller gives everything back. Raises DisputeNotFound, DisputeClosed."""
    return dispute_reads.dispute_view(disputes.accept_refund(dispute_id=dispute_id, actor=actor, now=now))


def decide_dispute(
    *, dispute_id: UUID, refund: Money, seller_at_fault: bool, reason: str, actor: Actor, now: datetime
) -> DisputeView:
    """The operator decides and the money follows. Raises NotAllowed, InvalidInput, DisputeClosed."""
    dispute = disputes.decide_dispute(
        dispute_id=dispute_id, refund=refund, seller_at_fault=seller_at_fault, reason=reason, actor=actor, now=now
    )
    return dispute_reads.dispute_view(dispute)


def get_dispute_for_order(order_id: UUID) -> DisputeView | None:
    """The order's live or latest dispute. The caller checks who asks."""
    dispute = dispute_reads.find_dispute_of_order(order_id)
    return dispute_reads.dispute_view(dispute) if dispute else None


def count_open_disputes(seller_id: UUID) -> int:
    return dispute_reads.count_open_disputes(seller_id)


def post_review(
    *, order_id: UUID, line_id: UUID, rating: int, title: str, text: str, actor: Actor, now: datetime
) -> ReviewView:
    """Raises OrderNotFound, ReviewNotPossible, ReviewNotFound, AlreadyReviewed, InvalidInput."""
    review = reviews.post_review(
        order_id=order_id, line_id=line_id, rating=rating, title=title, text=text, actor=actor, now=now
    )
    return review_reads.review_views([review])[0]


def answer_review(*, review_id: UUID, text: str, actor: Actor, now: datetime) -> ReviewView:
    """The seller's one public answer. Raises ReviewNotFound, AlreadyAnswered, InvalidInput."""
    return review_reads.review_views([reviews.answer_review(review_id=review_id, text=text, actor=actor, now=now)])[0]


def listing_ratings(listing_ids: Iterable[UUID]) -> dict[UUID, tuple[int, int]]:
    """Listing id -> (average in hundredths, number of reviews), in one query."""
    return review_reads.listing_ratings(listing_ids)


def decide_verification(*, seller_id: UUID, approved: bool, reason: str, actor: Actor, now: datetime) -> None:
    """The operator's decision on a submitted business profile. Raises CaseNotFound, NotAllowed, InvalidInput."""
    verification.decide_verification(seller_id=seller_id, approved=approved, reason=reason, actor=actor, now=now)


def recompute_due_scorecards(*, now: datetime, limit: int = 100) -> int:
    """Compute the figures of sellers something happened to; returns how many."""
    return scorecards.recompute_due(now=now, limit=limit)


def scorecard(seller_id: UUID) -> ScorecardView | None:
    """The latest figures; None before the first."""
    card = scorecard_reads.find_scorecard(seller_id)
    return scorecard_reads.scorecard_view(card) if card else None
