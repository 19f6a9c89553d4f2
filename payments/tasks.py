"""Celery tasks of payments: each reads the clock and makes one service call. config/schedules.py starts them."""

from __future__ import annotations

import httpx
from celery import shared_task
from django.conf import settings

from core.clock import utc_now
from payments.charges import services as charges
from payments.escrow import timers
from payments.ledger import services as ledger
from payments.payouts import services as payouts
from payments.providers import network
from payments.refunds import submission as refunds

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
def submit_payouts_task() -> int:
    return payouts.submit_due_payouts(now=utc_now())


@shared_task
def request_payouts_task() -> int:
    return payouts.request_due_payouts(now=utc_now())


@shared_task
def roll_up_ledger_task() -> int:
    return ledger.roll_up()


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
