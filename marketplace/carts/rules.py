"""Pure rules of carts: parcels."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Protocol

from logistics.contracts import HandlingMark, ParcelSpec, Piece

MAX_LINES: Final = 60
MAX_QUANTITY: Final = 999


class Goods(Protocol):
    """What a packed piece weighs (g), measures (mm), and asks of whoever handles it. A listing is one."""

    weight_grams: int
    length_mm: int
    width_mm: int
    height_mm: int
    marks: list[str]


def pieces_of(pieces: Iterable[tuple[str, int, Goods]]) -> list[Piece]:
    """(key, quantity, goods) as logistics packs them."""
    return [
        Piece(key, quantity, ParcelSpec(
            goods.weight_grams, goods.length_mm, goods.width_mm, goods.height_mm,
            marks=frozenset(map(HandlingMark, goods.marks)),
        ))
        for key, quantity, goods in pieces
    ]  # fmt: skip


def combined_parcel(pieces: Iterable[tuple[int, Goods]]) -> ParcelSpec:
    """One parcel for several pieces of (quantity, goods).

    Weights add up; the pieces lie on top of each other on the largest base: simple, and never too small. It needs the care
    that any of them needs.
    """
    grams = length = width = height = 0
    marks: set[HandlingMark] = set()
    for quantity, goods in pieces:
        longest, middle, shortest = sorted((goods.length_mm, goods.width_mm, goods.height_mm), reverse=True)
        grams += quantity * goods.weight_grams
        length, width = max(length, longest), max(width, middle)
        height += quantity * shortest
        marks.update(map(HandlingMark, goods.marks))
    return ParcelSpec(grams, length, width, height, marks=frozenset(marks))
