"""Pure rules of stock at several places: which place an order is sent from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

MAX_LOCATIONS: Final = 20
MAX_REASON: Final = 200
MAX_ROWS: Final = 2000
"""Rows of a file of counted stock."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place as the choice sees it; no id: the shop's own address. `pieces` by listing."""

    location_id: UUID | None
    handling_days: int
    pieces: Mapping[UUID, int]


@dataclass(frozen=True, slots=True)
class Taken:
    """Pieces of a listing that leave a place."""

    listing_id: UUID
    location_id: UUID | None
    quantity: int


def taken_from(wanted: Mapping[UUID, int], spots: Sequence[Spot], *, at_main: bool) -> list[Taken]:
    """From where the wanted pieces are sent: one parcel if a single place has them all, else as few places as come.

    The quickest place first, of equally quick ones the shop's own address; `at_main`: the rest of the order lies there, so
    it comes first. Raises ValueError when all places together have too few.
    """
    ordered = sorted(spots, key=lambda spot: _rank(spot, at_main=at_main))
    for spot in ordered:
        if all(spot.pieces.get(listing_id, 0) >= quantity for listing_id, quantity in wanted.items()):
            ordered = [spot]
            break
    taken = []
    for listing_id, quantity in sorted(wanted.items()):
        left = quantity
        for spot in ordered:
            part = min(left, spot.pieces.get(listing_id, 0))
            if part:
                taken.append(Taken(listing_id, spot.location_id, part))
                left -= part
        if left:
            raise ValueError(f"{left} pieces of {listing_id} are nowhere")
    return taken


def _rank(spot: Spot, *, at_main: bool) -> tuple[bool, int, bool, str]:
    is_main = spot.location_id is None
    return (at_main and not is_main, spot.handling_days, not is_main, str(spot.location_id))
