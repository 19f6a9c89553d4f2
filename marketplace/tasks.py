"""Celery tasks of the marketplace."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import structlog
from celery import shared_task

from core.clock import utc_now
from marketplace.agreements import letters
from marketplace.carts import services as carts
from marketplace.catalog import pricing
from marketplace.imports import services as imports
from marketplace.imports.selectors import waiting_imports
from marketplace.offers import services as offers
from marketplace.orders import services as orders
from marketplace.orders.selectors import expired_purchases
from marketplace.remedies import services as remedies
from marketplace.returns import letters as return_letters
from marketplace.returns import settlement
from marketplace.search import services as search
from marketplace.search.node import node
from marketplace.search.saved import due_for_alert
from marketplace.storefront.letters import tell_new_goods

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
def propose_matches_task() -> int:
    """Propose that listings of several sellers are the same thing."""
    return offers.propose_matches(now=utc_now())


@shared_task
def end_reductions_task() -> int:
    """Put prices back where a reduction's last day is over."""
    return pricing.end_due_reductions(now=utc_now())


@shared_task
def run_return_clocks_task() -> int:
    """What happens to returns when nobody does anything."""
    return settlement.run_return_clocks(now=utc_now())


@shared_task(autoretry_for=(OSError,), retry_backoff=True, max_retries=5)
def return_letter_task(return_id: str, state: str) -> None:
    """One side of a return hears what happened, and what happens next."""
    return_letters.send_return(return_id=UUID(return_id), state=state)


@shared_task
def pay_due_remedies_task() -> int:
    """What broken promises give back, where a dispute was in the way."""
    return remedies.pay_due_remedies(now=utc_now())


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


@shared_task
def work_off_imports_task() -> int:
    """Check the files that sellers sent and run the imports they started."""
    waiting = waiting_imports()
    for import_id in waiting:
        try:
            imports.check_import(import_id=import_id, now=utc_now())
            imports.run_import(import_id=import_id, now=utc_now())
        except Exception:  # one seller's file must not hold up the others
            log.exception("import_failed", listing_import=str(import_id))
    return len(waiting)


@shared_task
def tell_saved_searches_task() -> int:
    """Write to people about new goods for their saved searches; returns how many letters went out. A worker on a machine
    without a search index leaves it to the others."""
    if not node().is_ready():
        return 0
    sent = 0
    for saved in due_for_alert(now=utc_now()):
        try:
            sent += tell_new_goods(saved, now=utc_now())
        except Exception:  # one letter that cannot be sent must not keep back the others
            log.exception("search_alert_failed", saved_search=str(saved.id))
    return sent
