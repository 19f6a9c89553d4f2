"""manage.py load_postcodes FILE: where postcodes are, from a table in the format of GeoNames (tabs, no head).

Columns 1, 2, 10 and 11 count: country, postcode, latitude, longitude. Lines that cannot be read are named and passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from logistics.rounds.services import load_places

Place = tuple[str, str, Decimal, Decimal]


class Command(BaseCommand):
    help = "Load where postcodes are (GeoNames format), for the rounds of small couriers."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        with options["file"].open(encoding="utf-8") as lines:
            count = load_places(rows=self._rows(lines))
        self.stdout.write(f"{count} postcodes have their place.")

    def _rows(self, lines: Any) -> Iterator[Place]:
        for number, line in enumerate(lines, start=1):
            cells = line.rstrip("\n").split("\t")
            try:
                latitude, longitude = Decimal(cells[9]), Decimal(cells[10])
                if len(cells[0]) != 2 or not cells[1].strip() or abs(latitude) > 90 or abs(longitude) > 180:
                    raise ValueError
            except (IndexError, InvalidOperation, ValueError):
                self.stderr.write(f"Line {number} cannot be read.")
                continue
            yield cells[0].upper(), cells[1], latitude, longitude
