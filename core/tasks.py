"""Celery tasks of the kernel."""

from __future__ import annotations

from celery import shared_task

from core.clock import utc_now
from core.outbox import services as outbox

MAX_ROUNDS = 20


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
