"""Pure rules of carts: parcels."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from logistics.contracts import ParcelSpec

MAX_LINES: Final = 60
MAX_QUANTITY: Final = 999


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
