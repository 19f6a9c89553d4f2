"""manage.py load_demo: fills an empty database with a believable world, by running the real services."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from config.demo.world import FULL, SMALL, load
from core.clock import utc_now
from core.models import User


class Command(BaseCommand):
    help = "Load the demo world: sellers, listings with pictures, weeks of orders, disputes and reviews."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=2026, help="same seed, same world (default 2026)")
        parser.add_argument("--small", action="store_true", help="a world for tests: seconds instead of minutes")

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.filter(email="operator@demo.lonja.example").exists():
            raise CommandError("The demo world is already here. `bin/run --reset` starts afresh.")
        started = time.monotonic()
        bars: list[Any] = []

        def say(title: str, total: int) -> Callable[[], None]:
            for bar in bars:
                bar.close()
            bar = tqdm(
                total=total,
                desc=f"    {title:<36}",
                unit="",
                ncols=90,
                bar_format="{desc}{bar}| {n_fmt}/{total_fmt} {elapsed}",
            )
            bars.append(bar)

            def tick() -> None:
                bar.update()

            return tick

        load(size=SMALL if options["small"] else FULL, seed=options["seed"], end=utc_now(), say=say)
        for bar in bars:
            bar.close()
        self.stdout.write(f"    Demo world loaded in {time.monotonic() - started:.0f} s.")
