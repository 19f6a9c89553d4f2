"""Celery tasks of the kernel."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task

from core.clock import utc_now
from core.outbox import services as outbox

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
