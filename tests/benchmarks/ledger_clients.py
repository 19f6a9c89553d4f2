"""The eight client processes of the ledger bench: each waits for orders and posts through the Python services."""

from __future__ import annotations

import gc
import multiprocessing
import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from typing import Any
from uuid import UUID

from tests.benchmarks.ground import Ground, tell
from tests.benchmarks.ledger_world import FULL_DATABASE

CLIENTS = 8
BATCH = 25
"""Settlements per commit, as the escrow clock releases them (payments.escrow.timers)."""
NOW = datetime(2026, 11, 1, tzinfo=UTC)
MINOR = 10_000


@dataclass(frozen=True)
class Phase:
    """What a client does for `seconds`: `name` picks the work, `accounts` and `sellers` are how many there are.

    `full`: in the database with millions of entries.
    """

    name: str
    seconds: float
    accounts: int
    sellers: int
    full: bool = False


@dataclass
class Outcome:
    done: int = 0
    failed: int = 0
    started: float = 0.0
    ended: float = 0.0
    rss_kb: int = 0
    cpu_seconds: float = 0.0
    errors: list[str] = field(default_factory=list)


@dataclass
class Clients:
    """Started once, so that no phase pays for starting Python."""

    pipes: list[Connection]
    processes: list[Any]
    grown_kb: list[int] = field(default_factory=lambda: [0] * CLIENTS)

    def run(self, phase: Phase) -> float:
        """Units per second of all clients together; raises when a client failed."""
        for pipe in self.pipes:
            pipe.send(phase)
        outcomes = [pipe.recv() for pipe in self.pipes]
        for number, outcome in enumerate(outcomes):
            if outcome.errors:
                raise RuntimeError(f"{phase.name}: {outcome.failed} failed: {outcome.errors[:2]}")
            self.grown_kb[number] = max(self.grown_kb[number], outcome.rss_kb)
        rate = sum(outcome.done / (outcome.ended - outcome.started) for outcome in outcomes)
        cpu = sum(outcome.cpu_seconds for outcome in outcomes) / max(sum(outcome.done for outcome in outcomes), 1)
        tell(f"  {phase.name}: {rate:,.0f}/s, {cpu * 1e6:,.0f} us of Python each")
        return rate

    def close(self) -> None:
        for pipe in self.pipes:
            pipe.send(None)
        for process in self.processes:
            process.join(timeout=20)


def start_clients(place: Ground, *, seed: int) -> Clients:
    context = multiprocessing.get_context("spawn")
    pipes, processes = [], []
    for number in range(CLIENTS):
        here, there = context.Pipe()
        process = context.Process(
            target=_serve, args=(there, dict(place.house.environment), seed + number), daemon=True
        )
        process.start()
        pipes.append(here)
        processes.append(process)
    for pipe in pipes:
        pipe.recv()
    return Clients(pipes, processes)


def _serve(pipe: Connection, environment: dict[str, str], seed: int) -> None:
    os.environ.update(environment)
    os.environ["LONJA_DB_POOL"] = "0"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.db import connection

    works = _works(random.Random(seed))
    gc.collect()
    gc.freeze()  # what was imported stays; every server process of ours is long-lived too
    before, home = 0, connection.settings_dict["NAME"]
    pipe.send("ready")
    while (phase := pipe.recv()) is not None:
        _use_database(FULL_DATABASE if phase.full else home)
        outcome = _work(works[phase.name], phase)
        if phase.name != "warm":
            before = before or outcome.rss_kb
            outcome.rss_kb -= before
        else:
            outcome.rss_kb = 0
        pipe.send(outcome)


def _use_database(name: str) -> None:
    from django.db import connection

    if connection.settings_dict["NAME"] != name:
        connection.close()
        connection.settings_dict["NAME"] = name
    connection.ensure_connection()


def _work(act: Callable[[Phase, int], int], phase: Phase) -> Outcome:
    outcome = Outcome(started=time.monotonic())
    cpu = time.process_time()
    deadline, turn = outcome.started + phase.seconds, 0
    while time.monotonic() < deadline:
        try:
            units = act(phase, turn)
        except Exception as error:  # told to the parent, which ends the bench
            outcome.failed += 1
            outcome.errors.append(f"{type(error).__name__}: {error}")
            break
        if not units:
            break  # nothing left to do
        outcome.done += units
        turn += 1
    outcome.ended, outcome.cpu_seconds, outcome.rss_kb = time.monotonic(), time.process_time() - cpu, _rss_kb()
    return outcome


def _rss_kb() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * (os.sysconf("SC_PAGE_SIZE") // 1024)


def _works(chance: random.Random) -> dict[str, Callable[[Phase, int], int]]:
    """By name: what one turn does, answering how many settlements (or cycles) it did."""
    from core.actor import Actor, ActorKind, Role
    from core.ids import new_id
    from core.money import Money
    from payments import facade
    from payments.contracts import DeliveryKind, EscrowRequest
    from payments.escrow.funding import fund_escrows, open_escrows
    from payments.ledger import services as ledger
    from payments.ledger.rules import AccountCode, Leg

    clock, carrier = Actor.system("bench"), Actor.carrier("bench")

    def legs(phase: Phase, fee_owner: str) -> tuple[str, list[Leg]]:
        order = str(UUID(int=chance.randrange(phase.accounts)))
        seller = str(UUID(int=chance.randrange(phase.sellers)))
        return order, [
            Leg(AccountCode.ESCROW, order, Money(MINOR, "EUR")),
            Leg(AccountCode.SELLER_PAYABLE, seller, Money(-8_900, "EUR")),
            Leg(AccountCode.FEE_REVENUE, fee_owner, Money(-900, "EUR")),
            Leg(AccountCode.VAT_PAYABLE, fee_owner, Money(-200, "EUR")),
        ]

    def posting(phase: Phase, fee_owner: str) -> ledger.Posting:
        order, parts = legs(phase, fee_owner)
        return ledger.Posting(scope="bench", key=f"{new_id()}:3", kind="SETTLE", ref=order, legs=parts)

    def single(phase: Phase, _turn: int) -> int:
        order, parts = legs(phase, "")
        ledger.post(scope="bench", key=f"{new_id()}:3", kind="SETTLE", ref=order, legs=parts, now=NOW)
        return 1

    def distinct(phase: Phase, _turn: int) -> int:
        order, parts = legs(phase, str(chance.randrange(phase.sellers)))
        ledger.post(scope="bench", key=f"{new_id()}:3", kind="SETTLE", ref=order, legs=parts, now=NOW)
        return 1

    def batched(phase: Phase, _turn: int) -> int:
        ledger.post_many(postings=[posting(phase, "") for _ in range(BATCH)], now=NOW)
        return BATCH

    opened: list[tuple[UUID, UUID, UUID, Actor]] = []

    def open_order(phase: Phase, _turn: int) -> int:
        purchase, order, buyer = new_id(), new_id(), new_id()
        amount, seller = Money(MINOR, "EUR"), UUID(int=chance.randrange(phase.sellers))
        request = EscrowRequest(
            order_id=order, seller_id=seller, amount=amount, goods=(("ceramics", amount),), shipping=Money(0, "EUR")
        )
        open_escrows(purchase_id=purchase, buyer_id=buyer, amount=amount, requests=[request], now=NOW)
        member = Actor(kind=ActorKind.MEMBER, user_id=buyer, organisation_id=buyer, role=Role.OWNER)
        opened.append((new_id(), purchase, order, member))
        return 1

    def cycle(_phase: Phase, _turn: int) -> int:
        if not opened:
            return 0
        charge, purchase, order, buyer = opened.pop()
        fund_escrows(
            charge_id=charge, purchase_id=purchase, amount=Money(MINOR, "EUR"), late=False, actor=clock, now=NOW
        )
        facade.mark_delivered(
            order_id=order, delivery_kind=DeliveryKind.DIGITAL, delivered_at=NOW, actor=carrier, now=NOW
        )
        facade.confirm_receipt(order_id=order, actor=buyer, now=NOW)
        return 1

    return {
        "warm": single,
        "single": single,
        "distinct": distinct,
        "batched": batched,
        "open": open_order,
        "cycle": cycle,
    }
