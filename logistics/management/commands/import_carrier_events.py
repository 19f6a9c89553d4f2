"""manage.py import_carrier_events CARRIER FILE: a contract carrier's CSV (number, status, at, place, text, reason)."""

from __future__ import annotations

import csv
from argparse import ArgumentParser
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.actor import Actor
from core.clock import utc_now
from core.errors import DomainError
from logistics.tracking.services import INGEST_CHUNK, record_carrier_events


class Command(BaseCommand):
    help = "Take in the events of a contract carrier from a CSV file; the same file again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("carrier")
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        new, unmatched = 0, set[str]()
        with options["file"].open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file)
            while part := list(islice(rows, INGEST_CHUNK)):
                try:
                    intake = record_carrier_events(
                        carrier_code=options["carrier"], rows=part, actor=Actor.system("import_carrier_events"),
                        now=utc_now(),
                    )  # fmt: skip
                except DomainError as error:
                    raise CommandError(f"{error.field or 'file'}: {error.message}") from error
                new, unmatched = new + intake.new, unmatched | intake.unmatched
        self.stdout.write(f"{new} new events; {len(unmatched)} unknown numbers {sorted(unmatched)[:10]}")
