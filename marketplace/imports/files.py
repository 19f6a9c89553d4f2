"""Reading and writing the files of an import: CSV in the usual flavours, and XLSX. Bounded in rows and bytes."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from core.errors import InvalidInput
from marketplace.imports.rules import MAX_BYTES, MAX_ROWS, as_cells, column_names, missing_columns

_UNPACKED: int = 10 * MAX_BYTES
"""An XLSX is a zip: what it may unpack to."""


class UnreadableFile(InvalidInput):
    """The file is not a table we can read, or lacks a column."""

    code = "unreadable_file"


def read_table(content: bytes) -> list[tuple[int, dict[str, str]]]:
    """(row number as a spreadsheet counts, column -> text) of each row that is not empty. Raises UnreadableFile."""
    if len(content) > MAX_BYTES:
        raise UnreadableFile(_("The file is too large."), field="file", remedy=_("Split it into smaller files."))
    rows = _xlsx(content) if content[:2] == b"PK" else _csv(content)
    header = next(rows, None)
    if header is None:
        raise UnreadableFile(_("The file is empty."), field="file", remedy=_("Start from our template."))
    names = column_names(header)
    missing = missing_columns(names)
    if missing:
        raise UnreadableFile(
            _("A column is missing."), field="file", remedy=_("Add: %(names)s.") % {"names": ", ".join(missing)}
        )
    table = []
    for number, row in enumerate(rows, start=2):
        cells = as_cells(dict(zip(names, row, strict=False)))
        if any(cells.values()):
            table.append((number, cells))
        if len(table) > MAX_ROWS:
            raise UnreadableFile(
                _("The file has too many rows."), field="file", remedy=_("At most %(n)s.") % {"n": MAX_ROWS}
            )
    return table


def _csv(content: bytes) -> Iterator[Sequence[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")  # what older spreadsheets save
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    return iter(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def _xlsx(content: bytes) -> Iterator[Sequence[str]]:
    import openpyxl

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _UNPACKED:
                raise UnreadableFile(
                    _("The file is too large."), field="file", remedy=_("Split it into smaller files.")
                )
        sheet = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets[0]
        rows = [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(
            values_only=True, max_row=MAX_ROWS + 2, max_col=80
        )]  # fmt: skip
    except (zipfile.BadZipFile, KeyError, IndexError, ValueError, OSError) as error:
        raise UnreadableFile(
            _("This is not a table we can read."), field="file", remedy=_("Save it as CSV or XLSX.")
        ) from error
    return iter(rows)


def csv_lines(rows: Iterator[Sequence[object]]) -> Iterator[str]:
    """Rows as CSV text, line by line. Cells that a spreadsheet would run as a formula are made text."""
    for row in rows:
        buffer = io.StringIO()
        csv.writer(buffer).writerow([_harmless(cell) for cell in row])
        yield buffer.getvalue()


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in {"=", "+", "-", "@", "\t"} else cell
