"""Choosing among the variants of a product on the listing's page."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from marketplace.catalog.models import Listing
from marketplace.catalog.selectors import variants_of


@dataclass(frozen=True)
class Choice:
    """A value of an option: which listing it leads to, whether that is this one, and whether it can be had."""

    value: str
    listing_id: UUID
    is_current: bool
    is_available: bool


def variant_choices(listing: Listing, titles: dict[str, str]) -> list[tuple[str, list[Choice]]]:
    """(option, its values) of the listing's product; each value leads to the variant that differs in it alone, else to the
    nearest that has it."""
    if listing.product is None:
        return []
    options: list[str] = listing.product.options
    family = [one for one in variants_of(listing.product_id) if one.is_published]
    choices = []
    for code in options:
        values = dict.fromkeys(str(one.attributes.get(code, "")) for one in family)
        choices.append((titles.get(code, code), [_choice(listing, family, options, code, value) for value in values]))
    return choices


def _choice(listing: Listing, family: list[Listing], options: list[str], code: str, value: str) -> Choice:
    def likeness(one: Listing) -> tuple[int, bool]:
        same = sum(one.attributes.get(other) == listing.attributes.get(other) for other in options if other != code)
        return same, one.stock.available > 0

    nearest = max((one for one in family if str(one.attributes.get(code, "")) == value), key=likeness)
    is_current = str(listing.attributes.get(code, "")) == value
    return Choice(value, listing.id if is_current else nearest.id, is_current, nearest.stock.available > 0)
