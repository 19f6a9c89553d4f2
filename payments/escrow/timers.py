"""The clocks of escrow: due timers are claimed with SKIP LOCKED and fired in batches, one commit each."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from core.actor import Actor
from payments.contracts import EscrowState
from payments.escrow import batches, holds, selectors, services
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
            return _run_together(timer_ids, now=now)
    except Exception:
        log.info("escrow_timer_batch_split", timers=len(timer_ids))
    return sum(_run_alone(timer_id, now=now) for timer_id in timer_ids)


def _run_alone(timer_id: int, *, now: datetime) -> int:
    try:
        with transaction.atomic():
            return _run_together([timer_id], now=now)
    except Exception as error:
        log.exception("escrow_timer_failed", timer=timer_id)
        _postpone(timer_id, error, now=now)
        return 0


def _run_together(timer_ids: list[int], *, now: datetime) -> int:
    """Escrows first, timers second: the order every service locks in. A busy escrow is left for the next round.

    Releases of whole orders are posted together at the end; everything else is fired one by one, in order of its moment.
    """
    escrows = {escrow.id: escrow for escrow in selectors.claim_escrows_of_timers(timer_ids)}
    timers = selectors.lock_timers(timer_ids, list(escrows), now=now)
    fired, releases = 0, []
    for timer in timers:
        escrow = escrows[timer.escrow_id]
        if escrow.seq != timer.armed_seq:
            continue
        if timer.event == EscrowAction.AUTO_RELEASE and escrow.state == EscrowState.DELIVERED:
            releases.append((escrow, timer.armed_seq))
        else:
            fire_timer(escrow, timer.event, actor=CLOCK, now=now)
            fired += timer.event not in services.WARNINGS
    due = [escrow for escrow, seq in releases if escrow.seq == seq]
    if due:
        batches.release_all(due, actor=CLOCK, now=now)
    EscrowTimer.objects.filter(id__in=[timer.id for timer in timers]).update(done_at=now)
    return fired + len(due)


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
