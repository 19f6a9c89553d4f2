"""bin/chaos NAME: one module among faults (payments: its processes are killed; logistics: carriers fail), and the verdict."""

from __future__ import annotations

import argparse
import importlib
import json
import sys

from tests.benchmarks.__main__ import show

NAMES = ("logistics", "payments")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="bin/chaos", description="Crash tests of Lonja; see docs/guides/operations.md."
    )
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--kills", type=int, default=400, help="SIGKILLs, spread over the time at random")
    parser.add_argument("--seconds", type=float, default=150.0, help="how long traffic runs before it is worked off")
    parser.add_argument(
        "--parcels", type=int, default=20_000, help="logistics: parcels booked in the first half of the days"
    )
    parser.add_argument("--days", type=int, default=60, help="logistics: virtual days")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    options = parser.parse_args()
    module = importlib.import_module(f"tests.chaos.{options.name}")
    if options.name == "logistics":
        figures, findings = module.run(parcels=options.parcels, days=options.days, seed=options.seed)
    else:
        figures, findings = module.run(kills=options.kills, seconds=options.seconds, seed=options.seed)
    if not options.json:
        show(figures)
    for finding in findings:
        print(f"FOUND: {finding}", file=sys.stderr if options.json else sys.stdout)
    if options.json:
        print(json.dumps(figures | {"findings": findings}))
    elif not findings:
        print("Nothing was lost, nothing happened twice.")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
