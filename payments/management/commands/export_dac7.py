"""manage.py export_dac7 YEAR [--format csv|json|xml] [--output FILE]: the yearly report of sellers (DAC7)."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from payments.documents.exports import FORMATS, export_dac7
from payments.documents.selectors import dac7_rows


class Command(BaseCommand):
    help = "Writes the DAC7 report of a year: reportable sellers with consideration, sales, fees and taxes by quarter."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("year", type=int)
        parser.add_argument("--format", choices=sorted(FORMATS), default="csv")
        parser.add_argument("--output", type=Path, help="default: dac7-YEAR.FORMAT, here")

    def handle(self, *args: Any, **options: Any) -> None:
        year, kind = options["year"], options["format"]
        rows = dac7_rows(year)
        path = options["output"] or Path(f"dac7-{year}.{kind}")
        path.write_bytes(export_dac7(rows, year, kind))
        self.stdout.write(f"{path}: {len({row.seller_id for row in rows})} sellers")
