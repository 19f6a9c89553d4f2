"""A seller's stock as CSV: one row a listing, one column a place; the same file filled in says what was counted."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import InvalidInput
from marketplace.catalog.models import Listing
from marketplace.catalog.rules import MAX_STOCK
from marketplace.stock.models import StockLocation
from marketplace.stock.rules import MAX_ROWS
from marketplace.stock.selectors import StockRow, locations_of
from marketplace.stock.services import count_stock

MAX_BYTES: Final = 1_000_000
MAX_PROBLEMS: Final = 50
MAIN: Final = "main"
FIRST: Final = ("listing", "sku", "title", "reserved", MAIN)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a row, and what to do."""

    row: int
    column: str
    message: str


@dataclass
class Counted:
    """What a file says: listing -> place -> pieces, or what is wrong with it."""

    numbers: dict[UUID, dict[UUID | None, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def header(locations: Iterable[StockLocation]) -> list[str]:
    return [*FIRST, *(place.label for place in locations)]


def file_row(row: StockRow) -> list[object]:
    stock = row.listing.stock
    return [row.listing.id, row.listing.sku, row.listing.full_title, stock.reserved, *(s.pieces for s in row.shelves)]


def read_counts(*, content: bytes, seller_id: UUID) -> Counted:
    """What a file counts, by the columns `listing` or `sku` and the names of places; empty cells change nothing.

    Raises InvalidInput (file) for what is no such table; problems of rows are told row by row.
    """
    table = _table(content)
    columns = [cell.strip() for cell in next(table, [])]
    places: dict[str, UUID | None] = {MAIN: None} | {one.label.casefold(): one.id for one in locations_of(seller_id)}
    known = {name: places[name.casefold()] for name in columns if name.casefold() in places}
    if not known or not {"listing", "sku"} & set(columns):
        raise InvalidInput(
            "A column is missing.", field="file", remedy=_("Add: %(names)s.") % {"names": f"listing, {MAIN}"}
        )
    rows = [(number, dict(zip(columns, row, strict=False))) for number, row in enumerate(table, start=2) if any(row)]
    if len(rows) > MAX_ROWS:
        raise InvalidInput("The file has too many rows.", field="file", remedy=_("At most %(n)s.") % {"n": MAX_ROWS})
    by_id, by_sku = _own(rows, seller_id)
    counted = Counted()
    for number, row in rows:
        listing_id = by_id.get(row.get("listing", "").strip()) or by_sku.get(row.get("sku", "").strip())
        if listing_id is None or listing_id in counted.numbers:
            words = _("You have no such listing.") if listing_id is None else _("This listing stands there twice.")
            counted.problems.append(Problem(number, "listing", words))
            continue
        counted.numbers[listing_id] = _numbers(number, row, known, counted.problems)
    return counted


def _table(content: bytes) -> Iterator[Sequence[str]]:
    if len(content) > MAX_BYTES:
        raise InvalidInput("The file is too large.", field="file", remedy="Split it into smaller files.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(
            "This is not a table we can read.", field="file", remedy="Save it as CSV (UTF-8)."
        ) from error
    first = text.partition("\n")[0]
    return iter(csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count)))


def _own(rows: list[tuple[int, dict[str, str]]], seller_id: UUID) -> tuple[dict[str, UUID], dict[str, UUID]]:
    """The seller's listings among the rows, by id and by own number; one query each."""
    ids = [text for _number, row in rows if (text := _uuid(row.get("listing", "")))]
    skus = [text for _number, row in rows if (text := row.get("sku", "").strip())]
    own = Listing.objects.filter(seller_id=seller_id).order_by()
    by_id = {str(one): one for one in own.filter(id__in=ids).values_list("id", flat=True)}
    return by_id, dict(own.filter(sku__in=skus).values_list("sku", "id"))


def _uuid(text: str) -> str:
    try:
        return str(UUID(text.strip()))
    except ValueError:
        return ""


def _numbers(
    number: int, row: dict[str, str], places: dict[str, UUID | None], problems: list[Problem]
) -> dict[UUID | None, int]:
    found: dict[UUID | None, int] = {}
    for name, place in places.items():
        text = row.get(name, "").strip()
        if text.isascii() and text.isdigit() and int(text) <= MAX_STOCK:
            found[place] = int(text)
        elif text:
            problems.append(Problem(number, name, _("A whole number from 0 to %(n)s.") % {"n": MAX_STOCK}))
    return found


def import_counts(
    *, content: bytes, seller_id: UUID, only_check: bool, reason: str, actor: Actor, now: datetime
) -> tuple[int, list[Problem]]:
    """Take a counted file in, all of it or nothing. Returns how many figures changed (`only_check`: were read) and what is
    wrong, at most MAX_PROBLEMS. Raises InvalidInput (file, reason), NotEnoughStock."""
    counted = read_counts(content=content, seller_id=seller_id)
    figures = sum(len(places) for places in counted.numbers.values())
    if counted.problems or only_check:
        return (0 if counted.problems else figures), counted.problems[:MAX_PROBLEMS]
    return count_stock(counted=counted.numbers, reason=reason, actor=actor, now=now), []
