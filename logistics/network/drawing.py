"""The network as a map of our own: hubs where they are, roads between them, and a route on top. Numbers for an SVG; no tiles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from logistics.network.models import Hub
from logistics.network.selectors import Road

WIDTH = 1_000
EDGE = 60
LEAST_DEGREES = 6.0
LABEL_HEIGHT = 26
"""Labels closer than this, one above the other, would touch."""


@dataclass(frozen=True, slots=True)
class Dot:
    """A hub on the map; its name is written at `label_y`, to the left of the dot where the right edge is near."""

    city: str
    x: int
    y: int
    label_y: int
    is_left: bool
    is_used: bool
    is_here: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A road; `names` are the services that go there."""

    x1: int
    y1: int
    x2: int
    y2: int
    names: str
    is_used: bool


@dataclass(frozen=True, slots=True)
class Map:
    width: int
    height: int
    dots: tuple[Dot, ...]
    lines: tuple[Line, ...]


def draw(all_hubs: Sequence[Hub], roads: Iterable[Road], way: Sequence[str] = (), here: str = "") -> Map:
    """The hubs near a way fitted into the map's width (longitudes and latitudes as they are), the roads among them, and the
    way: codes of hubs in order. All hubs when no way is given. `here`: the hub where something was seen last."""
    steps = {frozenset(pair) for pair in pairwise(way)}
    hubs = _near(all_hubs, frozenset(way))
    spots, height = _spots(hubs)
    lines = tuple(
        Line(*spots[road.start.code], *spots[road.end.code], ", ".join(road.services),
             frozenset((road.start.code, road.end.code)) in steps)
        for road in roads
        if road.start.code in spots and road.end.code in spots
    )  # fmt: skip
    return Map(
        WIDTH, height, _dots(hubs, spots, frozenset(way), here), tuple(sorted(lines, key=lambda line: line.is_used))
    )


def _near(hubs: Sequence[Hub], used: frozenset[str]) -> list[Hub]:
    """The hubs on one screen: within the used ones' rectangle and a fifth of it around; all of them when none is used."""
    ends = [hub for hub in hubs if hub.code in used]
    if not ends:
        return list(hubs)
    east, north = [float(hub.longitude) for hub in ends], [float(hub.latitude) for hub in ends]
    margin = max(max(east) - min(east), max(north) - min(north), 20.0) / 5
    return [
        hub
        for hub in hubs
        if min(east) - margin <= float(hub.longitude) <= max(east) + margin
        and min(north) - margin <= float(hub.latitude) <= max(north) + margin
    ]


def _spots(hubs: Sequence[Hub]) -> tuple[dict[str, tuple[int, int]], int]:
    """Hub -> (x, y), and the map's height."""
    if not hubs:
        return {}, EDGE * 2
    east, north = [float(hub.longitude) for hub in hubs], [float(hub.latitude) for hub in hubs]
    wide = max(max(east) - min(east), LEAST_DEGREES)
    scale = (WIDTH - 2 * EDGE) / wide
    high = max(north) - min(north)
    spare = max(wide / 4 - high, 0.0)
    height = round((high + spare) * scale) + 2 * EDGE
    spots = {
        hub.code: (
            round(EDGE + (float(hub.longitude) - min(east)) * scale),
            round(EDGE + (max(north) - float(hub.latitude) + spare / 2) * scale),
        )
        for hub in hubs
    }
    return spots, height


def _dots(hubs: Sequence[Hub], spots: dict[str, tuple[int, int]], used: frozenset[str], here: str) -> tuple[Dot, ...]:
    """From north to south; a label moves down until it is clear of those above it."""
    taken: list[tuple[int, int]] = []
    dots = []
    for hub in sorted(hubs, key=lambda hub: (spots[hub.code][1], hub.code)):
        x, y = spots[hub.code]
        label_y = y + 7
        while any(abs(x - other_x) < 160 and abs(label_y - other_y) < LABEL_HEIGHT for other_x, other_y in taken):
            label_y += LABEL_HEIGHT
        taken.append((x, label_y))
        dots.append(Dot(hub.city, x, y, label_y, x > WIDTH - 180, hub.code in used, hub.code == here))
    return tuple(dots)
