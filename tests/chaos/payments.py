"""Payments under fire: clients, task workers and PostgreSQL are killed with SIGKILL while money moves; then the books
are compared with the sandbox network and with what the clients were told.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.chaos.servers import Place, place
from tests.chaos.workers import Setting, client, fork, worker

CLIENTS = 4
WORKERS = 3
PATIENCE_SECONDS = 120
"""For the last stories after the last kill."""


@dataclass
class Fleet:
    """The processes that run, by name, with the work to start them again."""

    setting: Setting
    works: dict[str, Callable[[], Any]] = field(default_factory=dict)
    pids: dict[str, int] = field(default_factory=dict)
    kills: int = 0

    def start(self, name: str) -> None:
        self.pids[name] = fork(self.works[name], self.setting.folder / "processes.log")

    def kill(self, name: str) -> None:
        pid = self.pids.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        self.kills += 1

    def revive(self) -> list[str]:
        """Start again who ended by an error; returns the names of those who finished."""
        finished = []
        for name, pid in list(self.pids.items()):
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                del self.pids[name]
                if status == 0:
                    finished.append(name)
                else:
                    self.start(name)
        return finished


def tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def run(*, kills: int, seconds: float, seed: int) -> tuple[dict[str, Any], list[str]]:
    """Figures, and in plain words whatever was found."""
    began = time.monotonic()
    with place() as here:
        from tests.chaos import stories  # needs Django

        started = time.time()
        setting = Setting(here.folder, seed, started, started + seconds, datetime.now(UTC))
        _alone(setting, lambda: stories.prepare(setting.now()))
        tell(f"{CLIENTS} clients and {WORKERS} workers, {kills} kills in {seconds:.0f} s ...")
        fleet = Fleet(setting)
        fleet.works |= {f"client-{n}": lambda n=n: client(setting, n) for n in range(CLIENTS)}
        fleet.works |= {f"worker-{n}": lambda: worker(setting) for n in range(WORKERS)}
        figures = _fire(here, fleet, kills=kills, chance=random.Random(seed))
        tell("Working off what is under way ...")
        figures |= _finish(fleet)
        judged, findings = _judge(setting)
        here.keep = bool(findings)
        if findings:
            tell(f"Kept for a look: {here.folder}")
    return {**figures, **judged, "total_seconds": round(time.monotonic() - began)}, findings


def _alone(setting: Setting, work: Callable[[], Any]) -> None:
    """In a child, so that this process has no connection when it forks."""
    _, status = os.waitpid(fork(work, setting.folder / "processes.log"), 0)
    if status:
        raise RuntimeError((setting.folder / "processes.log").read_text(errors="replace")[-3000:])


def _judge(setting: Setting) -> tuple[dict[str, Any], list[str]]:
    from tests.chaos.verdict import judge

    said = setting.folder / "verdict.json"
    _alone(setting, lambda: said.write_text(json.dumps(judge(setting, clients=CLIENTS))))
    figures, findings = json.loads(said.read_text())
    return figures, findings


def _fire(here: Place, fleet: Fleet, *, kills: int, chance: random.Random) -> dict[str, Any]:
    """Kill at random moments until the time is up; every hundredth kill is the whole server, every fiftieth a part."""
    for name in fleet.works:
        fleet.start(name)
    seconds = fleet.setting.until - time.time()
    moments = sorted(chance.uniform(0, seconds) for _ in range(kills))
    servers = set(chance.sample(range(kills), min(max(kills // 100, 1), kills)))
    parts = set(chance.sample(range(kills), kills // 50))
    crashes, broken, away = 0, 0, 0.0
    start = time.time()
    for number, moment in enumerate(moments):
        time.sleep(max(0.0, start + moment - time.time()))
        fleet.revive()
        if number in servers:
            away = max(away, here.crash_postgres())
            crashes += 1
        elif number in parts:
            broken += here.crash_backend(chance)
        elif fleet.pids:
            name = chance.choice(sorted(fleet.pids))
            fleet.kill(name)
            fleet.start(name)
    time.sleep(max(0.0, fleet.setting.until - time.time()))
    return {
        "kills": fleet.kills + crashes + broken, "process_kills": fleet.kills, "server_kills": crashes,
        "backend_kills": broken, "longest_recovery_s": round(away, 1),
    }  # fmt: skip


def _finish(fleet: Fleet) -> dict[str, Any]:
    """Clients tell their stories to the end; then the workers are ended, as roughly as before."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while any(name.startswith("client") for name in fleet.pids) and time.monotonic() < deadline:
        fleet.revive()
        time.sleep(0.1)
    unfinished = [name for name in fleet.pids if name.startswith("client")]
    for name in list(fleet.pids):
        fleet.kill(name)
    return {"clients_unfinished": len(unfinished)}
