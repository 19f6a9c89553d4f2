"""Money: settlements and escrow cycles through the Python services, beside pgbench on the same server.

A settlement is one transaction of four legs: out of the escrow of an order, to its seller, commission, tax. Every order
and every seller has a synchronous, bounded balance; commission and tax are append-only hot accounts. The ledger of ten
million entries is a second database on the same server, so that full and empty are measured in turns.
"""

from __future__ import annotations

import time
from typing import Any

from tests.benchmarks.ground import Ground, enter_django, ground, median, pgbench_tps, tell
from tests.benchmarks.ledger_clients import CLIENTS, MINOR, Clients, Phase, start_clients
from tests.benchmarks.ledger_world import fill, load_entries, table_size, twin, wrong_rows

ROUNDS = 3
FULL = {"scale": 50, "pgbench": 20, "seconds": 8, "accounts": 100_000, "sellers": 10_000, "entries": 10_000_000}
QUICK = {"scale": 10, "pgbench": 3, "seconds": 1, "accounts": 20_000, "sellers": 10_000, "entries": 100_000}


def run(*, seed: int, quick: bool) -> dict[str, Any]:
    size = QUICK if quick else FULL
    with ground() as place:
        enter_django(place)
        owner = place.running.owner_url
        fill(owner, accounts=size["accounts"], sellers=size["sellers"])
        full = twin(owner, place.running.admin_url)
        tell(f"Loading {size['entries']:,} entries into a second database ...")
        started = time.monotonic()
        load_entries(
            full, entries=size["entries"], accounts=size["accounts"], sellers=size["sellers"], minor=MINOR
        )  # fmt: skip
        loaded = time.monotonic() - started
        clients = start_clients(place, seed=seed)
        try:
            figures = _measure(place, clients, size)
        finally:
            clients.close()
        tell("Checking the books ...")
        wrong = wrong_rows(owner) + wrong_rows(full)
    return figures | {
        "entries_loaded": size["entries"], "load_seconds": round(loaded), "wrong_rows": wrong, "clients": CLIENTS,
        "quick": quick,
    }  # fmt: skip


def _measure(place: Ground, clients: Clients, size: dict[str, int]) -> dict[str, Any]:
    def phase(name: str, *, share: float = 1.0, full: bool = False) -> float:
        return clients.run(Phase(name, size["seconds"] * share, size["accounts"], size["sellers"], full))

    def reference() -> float:
        tell(f"Reference: pgbench tpcb-like, scale {size['scale']}, {CLIENTS} clients ...")
        return pgbench_tps(place.running, scale=size["scale"], clients=CLIENTS, seconds=size["pgbench"])

    owner = place.running.owner_url
    phase("warm", share=0.5, full=True)
    phase("warm", share=0.5)
    references = [reference()]
    tell("Settlements one per commit: hot fee accounts, distinct ones, and the full ledger, in turns ...")
    singles, distincts, fulls = [], [], []
    for _ in range(ROUNDS):
        singles.append(phase("single"))
        distincts.append(phase("distinct"))
        fulls.append(phase("single", full=True))
    references.append(reference())
    tell("Settlements in batches, escrow cycles (fund, deliver, release) ...")
    before = table_size(owner)
    batches = [phase("batched") for _ in range(ROUNDS)]
    after = table_size(owner)
    cycles = []
    for _ in range(ROUNDS):
        phase("open")
        cycles.append(phase("cycle"))
    references.append(reference())
    base = median(references)
    return {
        "reference_tps": round(base), "settlement_single_per_s": round(median(singles)),
        "settlement_single_ratio": round(median(singles) / base, 3),
        "settlement_batched_per_s": round(median(batches)),
        "settlement_batched_ratio": round(median(batches) / base, 3),
        "hot_vs_distinct": round(median(singles) / median(distincts), 3),
        "full_vs_empty": round(median(fulls) / median(singles), 3),
        "escrow_cycles_per_s": round(median(cycles)), "escrow_cycle_ratio": round(median(cycles) / base, 3),
        "bytes_per_settlement": round((after.bytes - before.bytes) / max(after.txns - before.txns, 1)),
        "rss_growth_mb": round(max(clients.grown_kb) / 1024, 1),
    }  # fmt: skip
