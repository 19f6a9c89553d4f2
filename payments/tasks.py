"""Celery tasks of payments: each reads the clock and makes one service call. config/schedules.py starts them."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import httpx
from celery import shared_task
from django.conf import settings

from core.clock import utc_now
from payments.chargebacks import evidence
from payments.chargebacks import letters as chargeback_letters
from payments.charges import services as charges
from payments.documents import services as documents
from payments.escrow import letters, timers
from payments.ledger import chain
from payments.ledger import services as ledger
from payments.payouts import letters as payout_letters
from payments.payouts import services as payouts
from payments.payouts.statements import month_of
from payments.providers import network
from payments.reconciliation import services as reconciliation
from payments.refunds import letters as refund_letters
from payments.refunds import submission as refunds
from payments.reserves import services as reserves
from payments.wallet import services as wallet

WEBHOOK_TIMEOUT_SECONDS = 10


@shared_task
def run_escrow_timers_task() -> int:
    return timers.run_due_timers(now=utc_now())


@shared_task
def poll_charges_task() -> int:
    return charges.poll_due_charges(now=utc_now())


@shared_task
def submit_refunds_task() -> int:
    return refunds.submit_due_refunds(now=utc_now())


@shared_task
def submit_evidence_task() -> int:
    return evidence.submit_due_evidence(now=utc_now())


@shared_task
def forget_methods_task() -> int:
    return wallet.forget_due_methods(now=utc_now())


@shared_task
def release_reserves_task() -> int:
    now = utc_now()
    return reserves.release_due_reserves(now=now) + reserves.net_debts(now=now)


@shared_task(autoretry_for=(OSError,), retry_backoff=True, max_retries=5)
def release_due_letter_task(order_id: str, release_at: str) -> None:
    """The buyer's last call before the money goes to the seller."""
    letters.send_release_due(order_id=UUID(order_id), release_at=datetime.fromisoformat(release_at))


@shared_task(autoretry_for=(OSError,), retry_backoff=True, max_retries=5)
def chargeback_letter_task(chargeback_id: str) -> None:
    """A bank wants to hear the seller."""
    chargeback_letters.send_chargeback_opened(chargeback_id=UUID(chargeback_id))


@shared_task(autoretry_for=(OSError,), retry_backoff=True, max_retries=5)
def chargeback_closed_letter_task(chargeback_id: str, won: bool) -> None:
    """How the bank decided."""
    chargeback_letters.send_chargeback_closed(chargeback_id=UUID(chargeback_id), won=won)


@shared_task(autoretry_for=(OSError,), retry_backoff=True, max_retries=5)
def refund_letter_task(refund_id: str, occasion: str) -> None:
    """Money goes back to a buyer, is there, or is stuck."""
    refund_letters.send_refund(refund_id=UUID(refund_id), occasion=refund_letters.Occasion(occasion))


@shared_task(autoretry_for=(OSError,), retry_backoff=True, max_retries=5)
def payout_letter_task(payout_id: str) -> None:
    """The bank refused a payout or sent it back."""
    payout_letters.send_payout_came_back(payout_id=UUID(payout_id))


@shared_task
def submit_payouts_task() -> int:
    return payouts.submit_due_payouts(now=utc_now())


@shared_task
def request_payouts_task() -> int:
    return payouts.request_due_payouts(now=utc_now())


@shared_task
def close_transfers_task() -> int:
    return reconciliation.close_transfers(now=utc_now())


@shared_task
def issue_fee_statements_task() -> int:
    """Those of the month that ended last."""
    now = utc_now()
    month = month_of(f"{month_of('', now=now) - timedelta(days=1):%Y-%m}", now=now)
    return documents.issue_fee_statements(month=month, actor=documents.CLOCK, now=now)


@shared_task
def roll_up_ledger_task() -> int:
    return ledger.roll_up()


@shared_task
def extend_chain_task() -> int:
    return chain.extend_chain()


@shared_task
def deliver_sandbox_webhooks_task() -> int:
    """The sandbox network posts its notices to us over HTTP, as an outside company would."""
    if not settings.LONJA["SANDBOX"]:
        return 0
    return network.deliver_webhooks(transport=_post, now=utc_now())


def _post(url: str, body: bytes, headers: dict[str, str]) -> int:
    try:
        return httpx.post(url, content=body, headers=headers, timeout=WEBHOOK_TIMEOUT_SECONDS).status_code
    except httpx.HTTPError:
        return 0
