"""The processes that are killed: clients who make requests, and workers who run the periodic tasks."""

from __future__ import annotations

import os
import random
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

OPEN_STORIES = 6
"""Purchases a client has under way at once."""
SPEED = 30
"""Seconds of the simulated clock in one of ours, so that leases of killed workers end while traffic runs."""


@dataclass(frozen=True)
class Setting:
    """What every process is told when it is forked."""

    folder: Path
    seed: int
    started: float
    until: float
    base: datetime

    def now(self) -> datetime:
        return self.base + timedelta(seconds=(time.time() - self.started) * SPEED)

    def journal(self, client: int) -> Path:
        return self.folder / f"journal-{client}.jsonl"


def fork(work: Callable[[], Any], log: Path) -> int:
    """A child that does `work` and ends; its output goes to `log`. Returns its pid."""
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.dup2(file, 1)
        os.dup2(file, 2)
        work()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def client(setting: Setting, number: int) -> None:
    """Work on stories until there are no new ones and all are told to the end."""
    from tests.chaos.journal import Journal, Story

    chance = random.Random()
    journal = Journal(setting.journal(number))
    while True:
        live = [story for story in journal.stories.values() if not story.ended]
        if time.time() < setting.until and len(live) < OPEN_STORIES:
            story = Story(max(journal.stories, default=-1) + 1)
            journal.stories[story.number] = story
            live.append(story)
        if not live:
            return
        doubtful = [story for story in live if story.asked]  # a kill came between request and answer: ask again
        moved = _advance(journal, chance.choice(doubtful or live), setting, number)
        if not moved:
            time.sleep(0.02)


def _advance(journal: Any, story: Any, setting: Setting, client: int) -> bool:
    """One step of a story; whether there was anything to do."""
    from tests.chaos import stories

    plan = stories.plan(setting.seed, client, story.number)
    if len(story.answers) == len(plan.steps):
        journal.end(story)
        return True
    index = len(story.answers)
    if not story.asked:
        journal.ask(story)
    answer = _reach(lambda: stories.carry_out(plan, index, setting.now()), journal, plan.steps[index][0])
    if answer is None or answer == stories.WAIT:
        return False
    if plan.twice and answer != stories.END:
        _reach(lambda: stories.carry_out(plan, index, setting.now()), journal, plan.steps[index][0])
    journal.answer(story, answer)
    if answer == stories.END:
        journal.end(story)
    return True


def _reach(request: Callable[[], str], journal: Any, what: str) -> str | None:
    """The answer, or None when the database was not there. Any other failure is noted: there must be none."""
    from django.db import InterfaceError, OperationalError, connection

    try:
        return request()
    except (OperationalError, InterfaceError):
        traceback.print_exc()
        connection.close()
        time.sleep(0.05)
    except Exception as error:
        traceback.print_exc()
        journal.note(f"{what} failed with {type(error).__name__}: {error}"[:300])
        connection.close()
    return None


def worker(setting: Setting) -> None:
    """The periodic tasks in random order, on the simulated clock, until killed."""
    tasks = tasks_of(setting.now)
    chance = random.Random()
    while True:
        run_task(chance.choice(tasks))
        time.sleep(chance.random() * 0.05)


def run_task(task: Callable[[], object]) -> None:
    from django.db import connection

    try:
        task()
    except Exception:
        traceback.print_exc()
        connection.close()
        time.sleep(0.05)


def tasks_of(now: Callable[[], datetime]) -> list[Callable[[], object]]:
    """The tasks that config/schedules.py starts for payments and the outbox, with `now` as their clock."""
    from django.test import Client

    from core import tasks as core_tasks
    from payments import tasks
    from payments.webhooks import views

    http = Client(raise_request_exception=False)

    def post(url: str, body: bytes, headers: dict[str, str]) -> int:
        named = {key: value for key, value in headers.items() if key != "Content-Type"}
        path = "/" + url.split("/", 3)[3]
        return int(http.post(path, data=body, content_type="application/json", headers=named).status_code)

    for module in (core_tasks, tasks, views):
        module.utc_now = now
    tasks._post = post
    often = [core_tasks.relay_events_task, tasks.deliver_sandbox_webhooks_task, tasks.submit_refunds_task,
             tasks.submit_payouts_task, tasks.run_escrow_timers_task]  # fmt: skip
    extra = [lambda: bank_day(now()), lambda: choose_rail(now())]
    return [
        *extra, *often, *often, tasks.poll_charges_task, tasks.submit_evidence_task, tasks.release_reserves_task,
        tasks.request_payouts_task, tasks.close_transfers_task, tasks.roll_up_ledger_task, tasks.extend_chain_task,
    ]  # fmt: skip


BANK_LOCK = 77_002


def bank_day(now: datetime) -> None:
    """The bank's part: orders leave in a file, its statement comes back and is imported. There is one bank."""
    from django.db import connection

    from payments.providers.bank_models import BankIntent, BankOrder
    from payments.reconciliation.bank_day import live_bank_day

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [BANK_LOCK])
        if not cursor.fetchone()[0]:
            return
        try:
            moves = BankOrder.objects.filter(state__in=["WAITING", "SENT"]).exists()
            if moves or BankIntent.objects.filter(closed_at=None, expires_at__gt=now).exists():
                live_bank_day(currency="EUR", strangers=0, returned=0, now=now)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [BANK_LOCK])


def choose_rail(now: datetime) -> None:
    """Payouts go by the card provider or in payment files, by turns."""
    from core.actor import Actor
    from payments import facade

    rail = "bank" if int(now.timestamp()) // 600 % 2 else ""
    facade.choose_payout_rail(currency="EUR", rail=rail, actor=Actor.system("chaos"), now=now)
