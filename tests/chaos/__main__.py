"""bin/chaos NAME: kills the processes of one module while they work, and says what became of the work."""

from __future__ import annotations

import argparse
import importlib
import json
import sys

from tests.benchmarks.__main__ import show

NAMES = ("payments",)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="bin/chaos", description="Crash tests of Lonja; see docs/guides/operations.md."
    )
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--kills", type=int, default=400, help="SIGKILLs, spread over the time at random")
    parser.add_argument("--seconds", type=float, default=150.0, help="how long traffic runs before it is worked off")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    options = parser.parse_args()
    module = importlib.import_module(f"tests.chaos.{options.name}")
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
