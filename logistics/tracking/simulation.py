"""The sandbox network and the platform in one process, without HTTP: for simulated worlds and tests."""

from __future__ import annotations

from datetime import datetime

from logistics.carriers.gateways import using_transport
from logistics.carriers.proxy import InProcessTransport
from logistics.carriers.sandbox import services as sandbox
from logistics.contracts import SimulationStep
from logistics.tracking import services

WEBHOOK_BATCH = 5_000
MAX_ROUNDS = 1_000


def simulate(*, now: datetime) -> SimulationStep:
    """Advance the carriers to `now`, make due calls, deliver their webhooks and poll the others."""
    with using_transport(InProcessTransport()):
        _call(now)
        scans = _advance(now)
        webhooks, pushed = _deliver(now)
        polled, told = services.poll_carriers(now=now)
        services.work_off_messages(now=now)
    return SimulationStep(scans=scans, webhooks=webhooks, events=pushed + told, polled=polled)


def _call(now: datetime) -> None:
    for _ in range(MAX_ROUNDS):
        if not services.call_carriers(now=now):
            return


def _advance(now: datetime) -> int:
    total = 0
    while done := sandbox.advance(now=now):
        total += done
    return total


def _deliver(now: datetime) -> tuple[int, int]:
    total = events = 0
    while claimed := sandbox.claim_webhooks(now=now, limit=WEBHOOK_BATCH):
        events += services.take_in(messages=[(code, body.encode()) for _, code, body in claimed], now=now)
        sandbox.mark_delivered(ids=[row_id for row_id, _, _ in claimed], now=now)
        total += len(claimed)
    return total, events
