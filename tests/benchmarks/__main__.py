"""bin/bench NAME: runs one benchmark in a database of its own and prints its figures."""

from __future__ import annotations

import argparse
import importlib
import inspect
import json
import sys
from pathlib import Path
from typing import Any

NAMES = ("checkout", "import", "labels", "ledger", "pages", "promise", "relevance", "search", "tracking")
MODULES = {"import": "imports"}  # a module cannot be called import


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="bin/bench", description="Benchmarks of Lonja; see docs/guides/benchmarks.md."
    )
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--data", help="folder of the data sets, for benches that need one")
    parser.add_argument("--size", type=int, help="how many listings (search), instead of the full size")
    parser.add_argument("--quick", action="store_true", help="small sizes, under a minute, same keys")
    parser.add_argument("--train", type=Path, help="promise: past deliveries (CSV, may be gzipped)")
    parser.add_argument("--test", type=Path, help="promise: later deliveries to score on")
    options = parser.parse_args()
    module = importlib.import_module(f"tests.benchmarks.{MODULES.get(options.name, options.name)}")
    wanted = inspect.signature(module.run).parameters
    if "data" in wanted and not options.data:
        parser.error(f"{options.name} needs --data DIR")
    offered = {"data": options.data, "size": options.size, "train_file": options.train, "test_file": options.test}
    extra = {name: value for name, value in offered.items() if name in wanted and (value is not None or name != "size")}
    figures: dict[str, Any] = module.run(seed=options.seed, quick=options.quick, **extra)
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
