"""What analytics does on events: orders into sales, changed reputations into new ranking figures."""

from __future__ import annotations

from datetime import datetime

from analytics.metrics import services as metrics
from core.events.marketplace import OrderCancelled, OrderPaid
from core.events.trust import ReviewPosted
from core.outbox.services import subscribe


def on_order_paid(event: OrderPaid, *, now: datetime) -> None:
    metrics.record_paid_order(
        order_id=event.order_id, seller_id=event.seller_id, total=event.total, lines=event.lines, paid_at=event.at
    )


def on_order_cancelled(event: OrderCancelled, *, now: datetime) -> None:
    if event.was_paid:
        metrics.record_cancelled_order(order_id=event.order_id, seller_id=event.seller_id, cancelled_at=event.at)


def on_review_posted(event: ReviewPosted, *, now: datetime) -> None:
    metrics.mark_dirty(listing_ids=[event.listing_id])


subscribe(OrderPaid, on_order_paid)
subscribe(OrderCancelled, on_order_cancelled)
subscribe(ReviewPosted, on_review_posted)
