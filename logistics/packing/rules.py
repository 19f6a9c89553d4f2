"""Which pieces go into which cartons: first fit, largest piece first, with real places in the box. Pure.

A piece is laid, in any of its six positions, into the first free space that takes it; what is left of the space is cut into three
boxes (guillotine cuts), so no two pieces ever share a place. Pieces that fit no carton travel in their own packaging.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations
from typing import Final

from logistics.contracts import HandlingMark, PackedParcel, ParcelSpec, Piece

MOST_PIECES: Final = 300
"""More than these are not packed by us: they go stacked, as one parcel."""
WALL_MM: Final = 5
PLAIN_GRAMS: Final = 20_000
PLAIN_LONGEST_MM: Final = 1_000
"""What stacks into one parcel of at most this weight and length needs no carton."""

Size = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Box:
    """A carton: inner size, its own weight, and the most it carries."""

    name: str
    size: Size
    tare_grams: int
    most_grams: int

    @property
    def volume(self) -> int:
        return self.size[0] * self.size[1] * self.size[2]


@dataclass(frozen=True, slots=True)
class Unit:
    """One piece to be laid somewhere."""

    key: str
    spec: ParcelSpec

    @property
    def size(self) -> Size:
        return self.spec.length_mm, self.spec.width_mm, self.spec.height_mm

    @property
    def volume(self) -> int:
        return self.size[0] * self.size[1] * self.size[2]


@dataclass(slots=True)
class Load:
    """A carton being filled."""

    box: Box
    units: list[Unit] = field(default_factory=list)
    spaces: list[Size] = field(default_factory=list)
    grams: int = 0

    def takes(self, unit: Unit) -> bool:
        """Lay the unit into the first space it fits; False when it is too heavy or there is none."""
        if self.grams + unit.spec.weight_grams > self.box.most_grams:
            return False
        for place, space in enumerate(self.spaces):
            laid = lay(unit.size, space)
            if laid is not None:
                self.spaces[place : place + 1] = [left for left in rest_of(space, laid) if min(left) > 0]
                self.spaces.sort(key=lambda size: size[0] * size[1] * size[2])
                self.units.append(unit)
                self.grams += unit.spec.weight_grams
                return True
        return False


def open_load(box: Box) -> Load:
    return Load(box, spaces=[box.size])


def lay(size: Size, space: Size) -> Size | None:
    """The position of a piece in which it fits the space and leaves the longest single rest; None when there is none."""
    fitting = [
        (a, b, c) for a, b, c in set(permutations(size)) if a <= space[0] and b <= space[1] and c <= space[2]
    ]  # fmt: skip
    return max(
        fitting, key=lambda turned: (max(b - a for a, b in zip(turned, space, strict=True)), turned), default=None
    )


def rest_of(space: Size, laid: Size) -> tuple[Size, Size, Size]:
    """What is left of a space beside, behind and above a piece in its corner; the three do not overlap."""
    length, width, height = space
    a, b, c = laid
    return (length - a, width, height), (a, width - b, height), (a, b, height - c)


def is_plain(stacked: ParcelSpec, pieces: int) -> bool:
    """Goods that need no carton: a single piece in its own packaging, or a stack like any parcel. Nor do very many pieces."""
    longest = max(stacked.length_mm, stacked.width_mm, stacked.height_mm)
    return pieces == 1 or pieces > MOST_PIECES or (
        stacked.weight_grams <= PLAIN_GRAMS and longest <= PLAIN_LONGEST_MM
    )  # fmt: skip


def pack(pieces: Iterable[Piece], boxes: Sequence[Box]) -> tuple[PackedParcel, ...]:
    """Parcels for all pieces: every piece in one of them, none heavier or larger than its carton. Each load ends in the smallest
    carton that takes it. The same pieces and cartons give the same parcels."""
    units = [Unit(piece.key, piece.unit) for piece in pieces for _ in range(piece.quantity)]
    units.sort(key=lambda unit: (-unit.volume, -unit.spec.weight_grams, unit.key))
    by_size = sorted(boxes, key=lambda box: (box.volume, box.most_grams, box.name))
    loads: list[Load] = []
    alone: list[Unit] = []
    for unit in units:
        if not any(load.takes(unit) for load in loads):
            load = next((new for box in reversed(by_size) if (new := open_load(box)).takes(unit)), None)
            if load is None:
                alone.append(unit)
            else:
                loads.append(load)
    return tuple([_parcel(_smallest(load, by_size)) for load in loads] + [_bare(unit) for unit in alone])


def _smallest(load: Load, by_size: Sequence[Box]) -> Load:
    for box in by_size:
        tried = open_load(box)
        if all(tried.takes(unit) for unit in load.units):
            return tried
    return load


def _parcel(load: Load) -> PackedParcel:
    length, width, height = sorted((side + 2 * WALL_MM for side in load.box.size), reverse=True)
    marks: frozenset[HandlingMark] = frozenset().union(*(unit.spec.marks for unit in load.units))
    counted = Counter(unit.key for unit in load.units)
    spec = ParcelSpec(load.grams + load.box.tare_grams, length, width, height, marks=marks)
    return PackedParcel(spec, tuple(sorted(counted.items())), load.box.name)


def _bare(unit: Unit) -> PackedParcel:
    return PackedParcel(replace(unit.spec), ((unit.key, 1),))
