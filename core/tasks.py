"""Celery tasks of the kernel."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task

from core.clock import utc_now
from core.outbox import services as outbox
from core.webhooks import sending
from core.webhooks import services as webhooks
from core.webhooks.rules import KEPT

MAX_ROUNDS = 20
KEPT_CONSUMPTIONS = timedelta(days=30)


@shared_task
def relay_events_task() -> int:
    """Deliver what is due, for a bounded number of rounds; the scheduler starts it every second."""
    total = 0
    for _ in range(MAX_ROUNDS):
        done = outbox.relay_due(now=utc_now())
        total += done
        if not done:
            break
    return total


@shared_task
def forget_old_consumptions_task() -> int:
    """Drop proofs of delivery that nothing asks for any more; the scheduler starts it every hour."""
    return outbox.forget_old_consumptions(before=utc_now() - KEPT_CONSUMPTIONS)


@shared_task
def follow_events_task() -> int:
    """Turn events into messages for webhooks; the scheduler starts it every second."""
    total = 0
    for _ in range(MAX_ROUNDS):
        done = webhooks.follow_events(now=utc_now())
        total += done
        if done < webhooks.READ_BATCH:
            break
    return total


@shared_task
def send_webhooks_task() -> int:
    """Send what is due, for a bounded number of rounds."""
    total = 0
    for _ in range(MAX_ROUNDS):
        done = sending.send_due(now=utc_now())
        total += done
        if not done:
            break
    return total


@shared_task
def forget_webhook_messages_task() -> int:
    """Drop the log of what was sent long ago."""
    return webhooks.forget_old_messages(before=utc_now() - KEPT)
