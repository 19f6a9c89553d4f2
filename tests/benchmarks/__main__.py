"""bin/bench NAME: runs one benchmark in a database of its own and prints its figures."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from pathlib import Path
from typing import Any

NAMES = ("checkout", "labels", "ledger", "pages", "promise", "tracking")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="bin/bench", description="Benchmarks of Lonja; see docs/guides/benchmarks.md."
    )
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--quick", action="store_true", help="small sizes, under a minute, same keys")
    parser.add_argument("--train", type=Path, help="promise: past deliveries (CSV, may be gzipped)")
    parser.add_argument("--test", type=Path, help="promise: later deliveries to score on")
    options = parser.parse_args()
    module = importlib.import_module(f"tests.benchmarks.{options.name}")
    files = {"train_file": options.train, "test_file": options.test} if options.name == "promise" else {}
    figures: dict[str, Any] = module.run(seed=options.seed, quick=options.quick, **files)
    if options.json:
        print(json.dumps(figures))
    else:
        show(figures)
    return 0


def show(figures: dict[str, Any], indent: str = "") -> None:
    """A table for people."""
    for key, value in figures.items():
        if isinstance(value, dict):
            print(f"{indent}{key}")
            show(value, indent + "  ")
        else:
            print(f"{indent}{key:<28} {value}")


if __name__ == "__main__":
    sys.exit(main())
