"""Pure rules of imports: which columns a file may have, and what a row says as a listing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from core.money import Money, MoneyError
from marketplace.contracts import ImportRow, ListingInput, PriceTier, ProductSafety, SellingTerms

MAX_ROWS: Final = 50_000
MAX_BYTES: Final = 20 * 1024 * 1024
MAX_ERRORS: Final = 500
"""Kept and shown; all of them are counted."""

COLUMNS: Final = (
    "category", "title", "description", "price", "stock", "weight_grams", "length_mm", "width_mm", "height_mm",
    "handling_days", "brand", "gtin", "condition", "min_quantity", "pack_size", "unit", "tiers",
    "sku", "product", "options", "maker_name", "maker_address", "maker_email", "maker_country", "person_name",
    "person_address", "person_email", "warnings",
)  # fmt: skip
SAFETY: Final = COLUMNS[-8:]
REQUIRED: Final = ("category", "title", "description", "price", "stock", "weight_grams")
_ALIASES: Final = {
    "categoría": "category", "categoria": "category", "título": "title", "titulo": "title", "nombre": "title",
    "name": "title", "descripción": "description", "descripcion": "description", "precio": "price", "existencias": "stock",
    "cantidad": "stock", "quantity": "stock", "weight": "weight_grams", "weight_g": "weight_grams",
    "peso": "weight_grams", "peso_g": "weight_grams", "length": "length_mm", "largo": "length_mm",
    "largo_mm": "length_mm", "width": "width_mm", "ancho": "width_mm", "ancho_mm": "width_mm", "height": "height_mm",
    "alto": "height_mm", "alto_mm": "height_mm", "marca": "brand", "ean": "gtin", "upc": "gtin",
    "código_de_barras": "gtin", "barcode": "gtin", "estado": "condition", "días_de_preparación": "handling_days",
    "mínimo": "min_quantity", "moq": "min_quantity", "paquete": "pack_size", "unidad": "unit", "escalas": "tiers",
    "referencia": "sku", "producto": "product", "opciones": "options",
    "fabricante": "maker_name", "advertencias": "warnings",
}  # fmt: skip
_WHOLE: Final[Mapping[str, int]] = {
    "stock": 0, "weight_grams": 0, "length_mm": 200, "width_mm": 150, "height_mm": 100, "handling_days": 2,
    "min_quantity": 1, "pack_size": 1,
}  # fmt: skip
"""Whole numbers and what an empty cell means; an empty stock or weight is refused."""


@dataclass(frozen=True)
class RowError:
    """What is wrong in a row (numbered as a spreadsheet does, the header is row 1), in which column, and what to do."""

    row: int
    column: str
    message: str
    remedy: str


class CellError(ValueError):
    """A cell that cannot be read."""

    def __init__(self, message: str, remedy: str, *, column: str) -> None:
        super().__init__(message)
        self.column, self.message, self.remedy = column, message, remedy


def column_names(header: Sequence[str]) -> list[str]:
    """The columns of a file by our names: English or Spanish headings; the rest are attributes of the category."""
    plain = [re.sub(r"[\s\-]+", "_", cell.strip().lower().removesuffix("*")) for cell in header]
    return [_ALIASES.get(name, name) for name in plain]


def missing_columns(names: Sequence[str]) -> list[str]:
    return [name for name in REQUIRED if name not in names]


def listing_of(cells: Mapping[str, str], *, currency: str) -> ImportRow:
    """A row as a listing. Raises CellError with the column, what is wrong and what to type."""
    numbers: dict[str, Any] = {name: _whole(cells, name, default) for name, default in _WHOLE.items()}
    terms = SellingTerms(
        min_quantity=numbers.pop("min_quantity"), pack_size=numbers.pop("pack_size"),
        unit=(cells.get("unit") or "PIECE").upper(), tiers=_tiers(cells.get("tiers", ""), currency),
    )  # fmt: skip
    attributes = {
        name: value for name, value in cells.items() if value and name and name not in COLUMNS and name != "id"
    }
    if cells.get("id"):
        raise CellError(
            _("This row is a listing that exists already."),
            _("Empty the id to list it once more, or drop the row."),
            column="id",
        )
    safety = ProductSafety(**{name: cells.get(name, "") for name in SAFETY})
    return ImportRow(
        product=cells.get("product", "")[:60], options=_names(cells.get("options", "")),
        listing=ListingInput(
            category_code=cells.get("category", "").lower(), title=cells.get("title", ""),
            description=cells.get("description", ""), price=_price(cells.get("price", ""), currency),
            brand=cells.get("brand", "")[:80], gtin=cells.get("gtin", ""),
            condition=(cells.get("condition") or "NEW").upper(), attributes=attributes, terms=terms, safety=safety,
            sku=cells.get("sku", ""), **numbers,
        )
    )  # fmt: skip


def _price(text: str, currency: str) -> Money:
    """12.50, 12,50, 1.234,50 and 1,234.50 are all understood; the last sign splits the cents off."""
    plain = re.sub(r"[^\d.,-]", "", text)
    if "," in plain and "." in plain:
        thousands = "." if plain.rfind(",") > plain.rfind(".") else ","
        plain = plain.replace(thousands, "")
    try:
        return Money.parse(plain.replace(",", "."), currency)
    except MoneyError:
        raise CellError(_("This is not a price."), _("Type a number such as 12.50."), column="price") from None


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for name in (part.strip().lower() for part in re.split(r"[,;/]", text)) if name)


def _tiers(text: str, currency: str) -> tuple[PriceTier, ...]:
    """Steps as "10=4.50; 50=4.00"; a third figure are the days to get ready: "50=4.00=5"."""
    tiers = []
    for step in filter(None, (part.strip() for part in text.split(";"))):
        parts = [part.strip() for part in step.split("=")]
        if not 2 <= len(parts) <= 3 or not all(re.fullmatch(r"\d{1,4}", n) for n in (parts[0], *parts[2:])):
            raise CellError(_("These are not steps."), _("Type for example 10=4.50; 50=4.00."), column="tiers")
        tiers.append(PriceTier(int(parts[0]), _price(parts[1], currency), int(parts[2]) if parts[2:] else None))
    return tuple(tiers)


def steps_of(tiers: Sequence[PriceTier]) -> list[str]:
    """Steps as a cell writes them."""
    return [
        f"{tier.from_quantity}={tier.price.decimal}"
        + (f"={tier.handling_days}" if tier.handling_days is not None else "")
        for tier in tiers
    ]


def _whole(cells: Mapping[str, str], name: str, default: int) -> int:
    text = cells.get(name, "").removesuffix(".0")
    if not text:
        if name in REQUIRED:
            raise CellError(_("This cell is empty."), _("Type a whole number."), column=name)
        return default
    if not re.fullmatch(r"-?\d{1,9}", text):
        raise CellError(_("This must be a whole number."), _("Type digits only."), column=name)
    return int(text)


def as_cells(values: Mapping[str, Any]) -> dict[str, str]:
    """Cells as trimmed text; a spreadsheet's 13.0 stays a number's text."""
    return {name: "" if value is None else str(value).strip() for name, value in values.items()}
