"""The yearly DAC7 report as CSV, JSON and XML, from the same rows."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from lxml import etree

from payments.documents.selectors import Dac7Row

FORMATS = {"csv": "text/csv; charset=utf-8", "json": "application/json", "xml": "application/xml"}
_PERSON = ("name", "street", "postcode", "town", "country", "tax_number", "registration_number")


def export_dac7(rows: list[Dac7Row], year: int, kind: str) -> bytes:
    """The report in one of FORMATS. Amounts are decimals of the row's currency."""
    table = [_flat(row, year) for row in rows]
    if kind == "json":
        return json.dumps({"year": year, "sellers": table}, indent=2, ensure_ascii=False).encode()
    if kind == "xml":
        return _xml(table, year)
    return _csv(table)


def _flat(row: Dac7Row, year: int) -> dict[str, Any]:
    person = {name: (getattr(row.party, name) if row.party else "") for name in _PERSON}
    figures: dict[str, Any] = {}
    by_quarter = {quarter.quarter: quarter for quarter in row.quarters}
    for number in (1, 2, 3, 4):
        quarter = by_quarter.get(number)
        figures[f"q{number}_consideration"] = f"{quarter.consideration.decimal:f}" if quarter else "0"
        figures[f"q{number}_sales"] = quarter.sales if quarter else 0
        figures[f"q{number}_fees"] = f"{quarter.fees.decimal:f}" if quarter else "0"
        figures[f"q{number}_taxes"] = "0"
    return {"year": year, "seller_id": str(row.seller_id), **person, "account": row.iban, "currency": row.currency,
            **figures}  # fmt: skip


def _csv(table: list[dict[str, Any]]) -> bytes:
    out = io.StringIO()
    if table:
        writer = csv.DictWriter(out, fieldnames=list(table[0]))
        writer.writeheader()
        writer.writerows({name: _harmless(value) for name, value in row.items()} for row in table)
    return out.getvalue().encode()


def _harmless(value: Any) -> Any:
    """A spreadsheet must not run what a seller typed."""
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "-", "@"} else value


def _xml(table: list[dict[str, Any]], year: int) -> bytes:
    root = etree.Element("Dac7Report", year=str(year))
    for row in table:
        seller = etree.SubElement(root, "ReportableSeller")
        for name, value in row.items():
            etree.SubElement(seller, name).text = str(value)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
