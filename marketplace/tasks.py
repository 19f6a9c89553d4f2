"""Celery tasks of the marketplace."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import structlog
from celery import shared_task

from core.clock import utc_now
from marketplace.agreements import letters
from marketplace.approvals import services as approvals
from marketplace.approvals.letters import send_approval
from marketplace.batches import services as batches
from marketplace.batches.selectors import waiting_batches
from marketplace.carts import services as carts
from marketplace.catalog import alerts, pricing, scheduling
from marketplace.catalog import letters as listing_letters
from marketplace.contracts import MessageSide
from marketplace.imports import services as imports
from marketplace.imports.selectors import waiting_imports
from marketplace.messages.letters import tell_unread
from marketplace.messages.selectors import untold_threads
from marketplace.moderation.letters import send_case
from marketplace.moderation.sweeps import screen_on_sale
from marketplace.offers import services as offers
from marketplace.orders import parcels
from marketplace.orders import services as orders
from marketplace.orders.selectors import expired_purchases
from marketplace.quotes.letters import QuoteOccasion, send_quote
from marketplace.quotes.selectors import due_quotes
from marketplace.quotes.services import expire_quote
from marketplace.remedies import services as remedies
from marketplace.returns import letters as return_letters
from marketplace.returns import settlement
from marketplace.screening import CaseState
from marketplace.search import services as search
from marketplace.search.node import node
from marketplace.search.saved import due_for_alert
from marketplace.sellers.services import end_holidays
from marketplace.shops.letters import tell_followers_news
from marketplace.shops.selectors import due_digests
from marketplace.storefront.letters import tell_new_goods
from marketplace.tenders import services as tenders
from marketplace.tenders.letters import tell_invited
from marketplace.tenders.selectors import due_tenders, untold_invitations
from marketplace.withdrawals import services as withdrawals
from marketplace.withdrawals.letters import send_withdrawal

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
def cancel_overdue_rests_task() -> int:
    """What was not sent of orders that went out in part goes back to the buyers; returns how many were looked at."""
    return parcels.cancel_overdue_rests(now=utc_now())


@shared_task
def propose_matches_task() -> int:
    """Propose that listings of several sellers are the same thing."""
    return offers.propose_matches(now=utc_now())


@shared_task
def publish_due_listings_task() -> int:
    """Put on sale what its seller planned for now."""
    return scheduling.publish_due_listings(now=utc_now())


@shared_task
def tell_low_stock_task() -> int:
    """Notice what came down to its stock alert."""
    return alerts.tell_low_stock(now=utc_now())


@shared_task(autoretry_for=(OSError,), retry_backoff=True, max_retries=5)
def low_stock_letter_task(listing_id: str, left: int) -> None:
    """A seller hears that little is left."""
    listing_letters.send_low_stock(listing_id=UUID(listing_id), left=left)


@shared_task(autoretry_for=(OSError,), retry_backoff=True, max_retries=5)
def not_published_letter_task(listing_id: str, reason: str) -> None:
    """A seller hears that a plan did not work."""
    listing_letters.send_not_published(listing_id=UUID(listing_id), reason=reason)


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


@shared_task(autoretry_for=(OSError,), retry_backoff=True, max_retries=5)
def approval_letter_task(purchase_id: str, state: str) -> None:
    """Colleagues are asked, or whoever asked hears the decision."""
    send_approval(purchase_id=UUID(purchase_id), state=state)


@shared_task
def close_approvals_task() -> int:
    """Purchases that were closed while they waited for a colleague; returns how many."""
    return approvals.close_approvals(now=utc_now())


@shared_task(autoretry_for=(OSError,), retry_backoff=True, max_retries=5)
def withdrawal_letter_task(withdrawal_id: str) -> None:
    """The receipt of a withdrawal."""
    send_withdrawal(withdrawal_id=UUID(withdrawal_id))


@shared_task
def run_batches_task() -> int:
    """Do what sellers asked to be done to many orders; returns how many orders that was."""
    return sum(batches.run_batch(batch_id=batch_id, now=utc_now()) for batch_id in waiting_batches())


@shared_task
def follow_withdrawals_task() -> int:
    """Returns of withdrawals whose goods have come by now; returns how many were looked at."""
    return withdrawals.follow_withdrawals(now=utc_now())


@shared_task
def pay_due_remedies_task() -> int:
    """What broken promises give back, where a dispute was in the way."""
    return remedies.pay_due_remedies(now=utc_now())


@shared_task
def screen_on_sale_task(rule_code: str) -> int:
    """A rule has changed: look at what is on sale already."""
    return screen_on_sale(rule_code=rule_code, now=utc_now())


@shared_task(autoretry_for=(OSError,), retry_backoff=True, max_retries=5)
def moderation_letter_task(case_id: str, state: str) -> None:
    """A seller hears that a listing is being checked, or how that ended."""
    send_case(case_id=UUID(case_id), state=CaseState(state))


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


@shared_task
def tell_unread_messages_task() -> int:
    """Write to people about messages they have not read for a while; returns how many sides were told."""
    now, told = utc_now(), 0
    for thread_id, side in untold_threads(now=now):
        try:
            told += tell_unread(thread_id=thread_id, side=side, now=now)
        except Exception:  # one letter that cannot be sent must not keep back the others
            log.exception("message_letter_failed", thread=str(thread_id))
    return told


@shared_task
def expire_quotes_task() -> int:
    """Close price talks nobody answered in time."""
    now, closed = utc_now(), 0
    for quote_id in due_quotes(now=now):
        try:
            closed += expire_quote(quote_id=quote_id, now=now)
        except Exception:  # one that cannot be closed must not keep the others open
            log.exception("quote_expiry_failed", quote=str(quote_id))
    return closed


@shared_task(autoretry_for=(OSError,), retry_backoff=True, max_retries=5)
def quote_letter_task(quote_id: str, occasion: str, to: str) -> None:
    """One side of a price talk hears what the other did."""
    send_quote(quote_id=UUID(quote_id), occasion=QuoteOccasion(occasion), to=MessageSide(to))


@shared_task
def tell_tenders_task() -> int:
    """Write to sellers about what buyers look for, top sellers first; returns how many were told."""
    now, told = utc_now(), 0
    for invitation_id in untold_invitations(now=now):
        try:
            told += tell_invited(invitation_id=invitation_id, now=now)
        except Exception:  # one letter that cannot be sent must not keep back the others
            log.exception("tender_letter_failed", invitation=str(invitation_id))
    return told


@shared_task
def expire_tenders_task() -> int:
    """Close requests whose buyer did not choose in time."""
    now, closed = utc_now(), 0
    for tender_id in due_tenders(now=now):
        try:
            closed += tenders.expire_tender(tender_id=tender_id, now=now)
        except Exception:  # one that cannot be closed must not keep the others open
            log.exception("tender_expiry_failed", tender=str(tender_id))
    return closed


@shared_task
def end_holidays_task() -> int:
    """Open shops whose day of return has come."""
    return end_holidays(today=utc_now().date())


@shared_task
def tell_followers_task() -> int:
    """Write to followers of shops about new goods, at most once a day; returns how many were told."""
    now, told = utc_now(), 0
    for organisation_id in due_digests(now=now):
        try:
            told += tell_followers_news(organisation_id=organisation_id, now=now)
        except Exception:  # one letter that cannot be sent must not keep back the others
            log.exception("digest_failed", organisation=str(organisation_id))
    return told
