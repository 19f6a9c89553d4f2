"""Celery tasks of analytics: each reads the clock and makes one service call. config/schedules.py starts them."""

from __future__ import annotations

from celery import shared_task

from analytics.metrics import services as metrics
from analytics.ranking import services as ranking
from analytics.signals import services as signals
from core.clock import utc_now


@shared_task
def flush_signals_task() -> int:
    return signals.flush_queue(now=utc_now())


@shared_task
def forget_old_signals_task() -> int:
    return signals.forget_old_signals(now=utc_now())


@shared_task
def roll_up_task() -> int:
    return metrics.roll_up(now=utc_now())


@shared_task
def compute_dirty_listings_task() -> int:
    return ranking.compute_dirty_listings(now=utc_now())


@shared_task
def compute_all_listings_task() -> int:
    return ranking.compute_listing_signals(now=utc_now())
