"""The clocks of escrow: due timers are claimed with SKIP LOCKED and fired in batches, one commit each."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from core.actor import Actor
from payments.escrow import holds, selectors, services
from payments.escrow.models import Escrow, EscrowTimer
from payments.escrow.states import DECISION_DUE, PAUSE_ENDS, EscrowAction

log = structlog.get_logger(__name__)

CLOCK = Actor.system("escrow-clock")
FIRST_RETRY = timedelta(minutes=1)
MAX_DOUBLINGS = 10
BATCH = 25
"""Timers per commit: longer batches hold their sellers' balances longer than they save."""


def run_due_timers(*, now: datetime, limit: int = 200) -> int:
    """Fire what is due, at most `limit`; returns how many escrows moved. Safe in many processes at once.

    A timer whose escrow has moved on since it was armed is closed without effect. One that fails is tried again
    later with growing delay and never holds the others back.
    """
    fired = 0
    due = selectors.list_due_timers(now, limit)
    for start in range(0, len(due), BATCH):
        fired += _run_batch(due[start : start + BATCH], now=now)
    return fired


def _run_batch(timer_ids: list[int], *, now: datetime) -> int:
    """One commit for all of them; when one fails (or two batches meet in a deadlock) each gets a commit of its own."""
    try:
        with transaction.atomic():
            return sum(_run_one(timer_id, now=now) for timer_id in timer_ids)
    except Exception:
        log.info("escrow_timer_batch_split", timers=len(timer_ids))
    return sum(_run_alone(timer_id, now=now) for timer_id in timer_ids)


def _run_alone(timer_id: int, *, now: datetime) -> int:
    try:
        return _run_one(timer_id, now=now)
    except Exception as error:
        log.exception("escrow_timer_failed", timer=timer_id)
        _postpone(timer_id, error, now=now)
        return 0


def _run_one(timer_id: int, *, now: datetime) -> int:
    """Escrow first, timer second: the order every service locks in. A busy escrow is left for the next round."""
    with transaction.atomic():
        escrow = selectors.claim_escrow_of_timer(timer_id)
        timer = selectors.lock_timer(timer_id, now) if escrow is not None else None
        if escrow is None or timer is None:
            return 0
        counts = escrow.seq == timer.armed_seq
        if counts:
            fire_timer(escrow, timer.event, actor=CLOCK, now=now)
        EscrowTimer.objects.filter(id=timer_id).update(done_at=now)
    return int(counts and timer.event not in services.WARNINGS)


def fire_timer(escrow: Escrow, name: str, *, actor: Actor, now: datetime) -> None:
    """What a clock does to a locked escrow when its moment comes."""
    if name in services.WARNINGS:
        services.fire_warning(escrow, name, actor=actor, now=now)
    elif name == DECISION_DUE:
        holds.fire_decision(escrow, actor=actor, now=now)
    elif name == PAUSE_ENDS:
        services.fire_pause_end(escrow, actor=actor, now=now)
    elif name == EscrowAction.AUTO_RELEASE:
        services.fire_release(escrow, actor=actor, now=now)
    else:
        services.fire_ship_timeout(escrow, actor=actor, now=now)


def _postpone(timer_id: int, error: Exception, *, now: datetime) -> None:
    timer = EscrowTimer.objects.filter(id=timer_id).first()
    if timer is not None:
        delay = FIRST_RETRY * 2 ** min(timer.attempts, MAX_DOUBLINGS)
        EscrowTimer.objects.filter(id=timer_id).update(
            attempts=timer.attempts + 1, try_at=now + delay, last_error=f"{type(error).__name__}: {error}"[:500]
        )
