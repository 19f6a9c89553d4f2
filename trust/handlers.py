"""What trust does when something happened: mark figures for computing, open cases, send letters."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from core.actor import Actor
from core.events.logistics import ParcelDelivered
from core.events.marketplace import OrderCancelled, OrderCompleted, OrderShipped, SellerProfileSubmitted
from core.events.payments import EscrowDecided, EscrowRefunded
from core.events.trust import (
    DisputeDecided,
    DisputeMessagePosted,
    DisputeOpened,
    DisputeWithdrawn,
    ReviewModerated,
    ReviewPosted,
    SellerVerificationDecided,
)
from core.outbox.services import subscribe
from trust import tasks
from trust.disputes import services as disputes
from trust.scorecards import services as scorecards
from trust.scorecards.models import FactKind
from trust.verification import services as verification

SELLER_CANCELS = frozenset({"SELLER", "SYSTEM"})
"""SYSTEM cancels a paid order only when the seller let the ship deadline pass."""


def on_seller_profile_submitted(event: SellerProfileSubmitted, *, now: datetime) -> None:
    verification.open_case(seller_id=event.seller_id, submitted_at=event.submitted_at, now=now)


def on_order_shipped(event: OrderShipped, *, now: datetime) -> None:
    kind = FactKind.SHIPPED_ON_TIME if event.on_time else FactKind.SHIPPED_LATE
    scorecards.note_fact(
        order_id=event.order_id, order_number=event.number, seller_id=event.seller_id, kind=kind, at=event.at, now=now
    )  # fmt: skip


def on_order_cancelled(event: OrderCancelled, *, now: datetime) -> None:
    if event.was_paid and event.by in SELLER_CANCELS:
        scorecards.note_fact(
            order_id=event.order_id, order_number=event.number, seller_id=event.seller_id,
            kind=FactKind.CANCELLED_BY_SELLER, at=event.at, now=now,
        )  # fmt: skip


def on_order_completed(event: OrderCompleted, *, now: datetime) -> None:
    scorecards.mark_dirty(seller_id=event.seller_id, now=now)


def on_parcel_delivered(event: ParcelDelivered, *, now: datetime) -> None:
    if event.purpose == "ORDER":
        scorecards.mark_dirty(seller_id=event.seller_id, now=now)


def on_review_posted(event: ReviewPosted, *, now: datetime) -> None:
    scorecards.mark_dirty(seller_id=event.seller_id, now=now)


def on_review_moderated(event: ReviewModerated, *, now: datetime) -> None:
    scorecards.mark_dirty(seller_id=event.seller_id, now=now)


def on_dispute_decided(event: DisputeDecided, *, now: datetime) -> None:
    scorecards.mark_dirty(seller_id=event.seller_id, now=now)


def on_escrow_decided(event: EscrowDecided, *, now: datetime) -> None:
    disputes.close_settled_elsewhere(
        order_id=event.order_id, refunded=event.refunded, reason="Not decided in time.",
        actor=Actor.system("arbiter-deadline"), now=now,
    )  # fmt: skip


def on_escrow_refunded(event: EscrowRefunded, *, now: datetime) -> None:
    disputes.close_settled_elsewhere(
        order_id=event.order_id, refunded=None, reason=event.reason, actor=Actor.system("escrow"), now=now
    )


def on_dispute_opened_write(event: DisputeOpened, *, now: datetime) -> None:
    _after_commit(tasks.dispute_letter_task, str(event.dispute_id), "OPENED", "BUYER")


def on_dispute_message_posted_write(event: DisputeMessagePosted, *, now: datetime) -> None:
    _after_commit(tasks.dispute_letter_task, str(event.dispute_id), "MESSAGE", event.party)


def on_dispute_withdrawn_write(event: DisputeWithdrawn, *, now: datetime) -> None:
    _after_commit(tasks.dispute_letter_task, str(event.dispute_id), "WITHDRAWN", "BUYER")


def on_dispute_decided_write(event: DisputeDecided, *, now: datetime) -> None:
    _after_commit(tasks.dispute_letter_task, str(event.dispute_id), "DECIDED", "OPERATOR")


def on_seller_verification_decided_write(event: SellerVerificationDecided, *, now: datetime) -> None:
    _after_commit(tasks.verification_letter_task, str(event.seller_id), event.approved, event.reason)


def _after_commit(task: Any, *arguments: Any) -> None:
    """Letters never hold up an event: they go to a worker once the event counts as handled."""
    transaction.on_commit(partial(task.delay, *arguments), robust=True)


subscribe(SellerProfileSubmitted, on_seller_profile_submitted)
subscribe(OrderShipped, on_order_shipped)
subscribe(OrderCancelled, on_order_cancelled)
subscribe(OrderCompleted, on_order_completed)
subscribe(ParcelDelivered, on_parcel_delivered)
subscribe(ReviewPosted, on_review_posted)
subscribe(ReviewModerated, on_review_moderated)
subscribe(DisputeDecided, on_dispute_decided)
subscribe(EscrowDecided, on_escrow_decided)
subscribe(EscrowRefunded, on_escrow_refunded)
subscribe(DisputeOpened, on_dispute_opened_write)
subscribe(DisputeMessagePosted, on_dispute_message_posted_write)
subscribe(DisputeWithdrawn, on_dispute_withdrawn_write)
subscribe(DisputeDecided, on_dispute_decided_write)
subscribe(SellerVerificationDecided, on_seller_verification_decided_write)
