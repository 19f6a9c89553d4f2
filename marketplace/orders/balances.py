"""How many pieces of each line were kept, packed and sent. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from core.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class PackedPieces:
    """Pieces of a line in one parcel that carries them."""

    line_id: UUID
    quantity: int
    is_shipped: bool


@dataclass(frozen=True, slots=True)
class LineBalance:
    """`kept` of the pieces sold still count; of those `packed` are in parcels and `shipped` are with the carrier."""

    line_id: UUID
    sold: int
    kept: int
    packed: int = 0
    shipped: int = 0

    @property
    def free(self) -> int:
        """Neither packed nor cancelled: may go into a parcel, or be cancelled."""
        return self.kept - self.packed

    @property
    def to_ship(self) -> int:
        return self.kept - self.shipped


def balances(lines: Iterable[tuple[UUID, int, int]], packed: Sequence[PackedPieces]) -> dict[UUID, LineBalance]:
    """Line id -> its balance, from (line, sold, kept) and what live parcels hold."""
    return {
        line_id: LineBalance(
            line_id, sold, kept,
            packed=sum(one.quantity for one in packed if one.line_id == line_id),
            shipped=sum(one.quantity for one in packed if one.line_id == line_id and one.is_shipped),
        )
        for line_id, sold, kept in lines
    }  # fmt: skip


def checked_pieces(wanted: Mapping[UUID, int], of: Mapping[UUID, LineBalance]) -> dict[UUID, int]:
    """The pieces asked for, when every one of them is free. Raises InvalidInput (lines)."""
    pieces = {line_id: quantity for line_id, quantity in wanted.items() if quantity}
    if not pieces:
        raise InvalidInput("Choose at least one piece.", field="lines")
    for line_id, quantity in pieces.items():
        if line_id not in of or not 0 < quantity <= of[line_id].free:
            raise InvalidInput("There are not that many pieces left.", field="lines")
    return pieces
