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


def simulate(*, now: datetime, carrier_code: str = "") -> SimulationStep:
    """Advance the carriers (or one of them) to `now`, make due calls, deliver their webhooks and poll the others."""
    webhooks = pushed = 0
    with using_transport(InProcessTransport()):
        _call(now, carrier_code)
        scans = _advance(now, carrier_code)
        if not carrier_code or carrier_code in sandbox.PUSHING_CARRIERS:
            webhooks, pushed = _deliver(now)
            services.work_off_messages(now=now)
        polled, told = services.poll_carriers(now=now, carrier_code=carrier_code)
    return SimulationStep(scans=scans, webhooks=webhooks, events=pushed + told, polled=polled)


def _call(now: datetime, carrier_code: str) -> None:
    for _ in range(MAX_ROUNDS):
        if not services.call_carriers(now=now, carrier_code=carrier_code):
            return


def _advance(now: datetime, carrier_code: str) -> int:
    total = 0
    while done := sandbox.advance(now=now, carrier_code=carrier_code):
        total += done
    return total


def _deliver(now: datetime) -> tuple[int, int]:
    total = events = 0
    while claimed := sandbox.claim_webhooks(now=now, limit=WEBHOOK_BATCH):
        events += services.take_in(messages=[(code, body.encode()) for _, code, body in claimed], now=now)
        sandbox.mark_delivered(ids=[row_id for row_id, _, _ in claimed], now=now)
        total += len(claimed)
    return total, events
