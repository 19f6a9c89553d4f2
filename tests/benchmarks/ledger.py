"""Money: settlements and escrow cycles through the Python services, beside pgbench on the same server.

A settlement is one transaction of four legs: out of the escrow of an order, to its seller, commission, tax. Every order
and every seller has a synchronous, bounded balance; commission and tax are append-only hot accounts.
"""

from __future__ import annotations

import time
from typing import Any

from tests.benchmarks.ground import Ground, enter_django, ground, median, pgbench_tps, tell
from tests.benchmarks.ledger_clients import CLIENTS, MINOR, Clients, Phase, start_clients
from tests.benchmarks.ledger_world import fill, load_entries, table_size, wrong_rows

ROUNDS = 3
FULL = {"scale": 50, "pgbench": 20, "seconds": 8, "accounts": 100_000, "sellers": 10_000, "entries": 10_000_000}
QUICK = {"scale": 10, "pgbench": 3, "seconds": 1, "accounts": 20_000, "sellers": 5_000, "entries": 100_000}


def run(*, seed: int, quick: bool) -> dict[str, Any]:
    size = QUICK if quick else FULL
    with ground() as place:
        enter_django(place)
        fill(place.running.owner_url, accounts=size["accounts"], sellers=size["sellers"])
        clients = start_clients(place, seed=seed)
        try:
            return _measure(place, clients, size, quick=quick)
        finally:
            clients.close()


def _measure(place: Ground, clients: Clients, size: dict[str, int], *, quick: bool) -> dict[str, Any]:
    def phase(name: str, share: float = 1.0) -> float:
        return clients.run(Phase(name, size["seconds"] * share, size["accounts"], size["sellers"]))

    def reference() -> float:
        tell(f"Reference: pgbench tpcb-like, scale {size['scale']}, {CLIENTS} clients ...")
        return pgbench_tps(place.running, scale=size["scale"], clients=CLIENTS, seconds=size["pgbench"])

    owner = place.running.owner_url
    phase("warm", 0.5)
    references = [reference()]
    tell("Settlements one per commit, hot and distinct fee accounts in turns ...")
    singles, distincts = [], []
    for _ in range(ROUNDS):
        singles.append(phase("single"))
        distincts.append(phase("distinct"))
    tell("Settlements in batches ...")
    before = table_size(owner)
    batches = [phase("batched") for _ in range(ROUNDS)]
    after = table_size(owner)
    tell("Escrow cycles: fund, deliver, release ...")
    cycles = []
    for _ in range(ROUNDS):
        phase("open")
        cycles.append(phase("cycle"))
    references.append(reference())
    tell(f"Loading {size['entries']:,} entries ...")
    started = time.monotonic()
    load_entries(owner, entries=size["entries"], accounts=size["accounts"], sellers=size["sellers"], minor=MINOR)
    loaded = time.monotonic() - started
    phase("warm", 0.5)
    fulls = [phase("single") for _ in range(ROUNDS)]
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
        "rss_growth_mb": round(max(clients.grown_kb) / 1024, 1), "entries_loaded": size["entries"],
        "load_seconds": round(loaded), "wrong_rows": wrong_rows(owner), "clients": CLIENTS, "quick": quick,
    }  # fmt: skip
