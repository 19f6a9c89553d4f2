"""Celery tasks of the marketplace."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import structlog
from celery import shared_task

from core.clock import utc_now
from marketplace.agreements import letters
from marketplace.carts import services as carts
from marketplace.orders import services as orders
from marketplace.orders.selectors import expired_purchases
from marketplace.search import services as search

log = structlog.get_logger(__name__)

GUEST_CART_LIFE = timedelta(days=60)
CHANGE_FEED_LIFE = timedelta(days=7)


@shared_task
def expire_unpaid_purchases_task() -> int:
    """Close purchases nobody paid in time."""
    now = utc_now()
    expired = expired_purchases(now=now)
    for purchase_id in expired:
        try:
            orders.expire_purchase(purchase_id=purchase_id, now=now)
        except Exception:  # one that cannot be closed must not keep the stock of the others
            log.exception("purchase_expiry_failed", purchase=str(purchase_id))
    return len(expired)


@shared_task
def forget_idle_guest_carts_task() -> int:
    """Delete old guest carts."""
    return carts.forget_idle_guest_carts(before=utc_now() - GUEST_CART_LIFE)


@shared_task
def trim_change_feed_task() -> int:
    """Drop old rows of the change feed; a node that was away longer rebuilds its index."""
    return search.trim_change_feed(before=utc_now() - CHANGE_FEED_LIFE)


@shared_task(autoretry_for=(OSError,), retry_backoff=True, max_retries=5)
def agreement_letter_task(agreement_id: str, occasion: str) -> None:
    """One side of an agreement hears what the other did."""
    letters.send_agreement(agreement_id=UUID(agreement_id), occasion=letters.Occasion(occasion))
