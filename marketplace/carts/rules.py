"""Pure rules of carts: parcels, addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from core.errors import InvalidInput
from core.identity.countries import COUNTRIES
from logistics.contracts import ParcelSpec
from marketplace.contracts import Place

MAX_LINES: Final = 60
MAX_QUANTITY: Final = 999

#: Postcode shapes of the countries where a wrong one is common and checkable.
POSTCODES: Final[dict[str, str]] = {
    "ES": r"(0[1-9]|[1-4]\d|5[0-2])\d{3}", "PT": r"\d{4}-?\d{3}", "FR": r"\d{5}", "IT": r"\d{5}", "DE": r"\d{5}",
    "NL": r"\d{4} ?[A-Za-z]{2}", "BE": r"\d{4}", "AT": r"\d{4}", "PL": r"\d{2}-?\d{3}", "MX": r"\d{5}",
    "US": r"\d{5}(-\d{4})?", "BR": r"\d{5}-?\d{3}",
}  # fmt: skip


def combined_parcel(pieces: Iterable[tuple[int, int, int, int, int]]) -> ParcelSpec:
    """One parcel for several pieces of (quantity, grams, length, width, height in mm).

    Weights add up; the pieces lie on top of each other on the largest base: simple, and never too small.
    """
    grams = length = width = height = 0
    for quantity, weight, *sides in pieces:
        longest, middle, shortest = sorted(sides, reverse=True)
        grams += quantity * weight
        length, width = max(length, longest), max(width, middle)
        height += quantity * shortest
    return ParcelSpec(weight_grams=grams, length_mm=length, width_mm=width, height_mm=height)


def checked_address(address: Place) -> Place:
    """The address, trimmed. Raises InvalidInput naming the field."""
    cleaned = Place(**{name: getattr(address, name).strip() for name in Place.__dataclass_fields__})
    for field in ("name", "street", "city", "postcode"):
        if not getattr(cleaned, field):
            raise InvalidInput("This is needed for delivery.", field=field, remedy="Fill it in.")
    if cleaned.country not in COUNTRIES:
        raise InvalidInput("We do not deliver to this country.", field="country", remedy="Choose one from the list.")
    shape = POSTCODES.get(cleaned.country)
    if shape and not re.fullmatch(shape, cleaned.postcode):
        raise InvalidInput("This postcode does not fit the country.", field="postcode", remedy="Check the digits.")
    return cleaned
