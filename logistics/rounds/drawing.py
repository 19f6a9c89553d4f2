"""A round as a map of our own: stops where they are, the way between them. Numbers for an SVG; no tiles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from logistics.rounds.models import Courier, RoundStop

WIDTH: Final = 800
EDGE: Final = 40
LEAST_DEGREES: Final = 0.01
TALLEST: Final = 800


@dataclass(frozen=True, slots=True)
class Pin:
    """A stop on the map; `numbers` of all stops at this very place."""

    x: int
    y: int
    numbers: str
    is_pickup: bool


@dataclass(frozen=True, slots=True)
class Way:
    """One courier's way as points of an SVG polyline; `tone` is 1 to 4."""

    courier: int
    points: str
    tone: int


@dataclass(frozen=True, slots=True)
class RoundMap:
    width: int
    height: int
    base: tuple[int, int]
    pins: tuple[Pin, ...]
    ways: tuple[Way, ...]


def draw(courier: Courier, stops: Sequence[RoundStop]) -> RoundMap | None:
    """None when no stop has a place. Longitudes are drawn as long as they are at the base's latitude."""
    placed = [stop for stop in stops if stop.number and stop.latitude is not None and stop.longitude is not None]
    if not placed:
        return None
    shrink = math.cos(math.radians(float(courier.latitude)))
    base = float(courier.longitude) * shrink, float(courier.latitude)
    points = [(float(stop.longitude or 0) * shrink, float(stop.latitude or 0)) for stop in placed]
    west, south = (min(point[axis] for point in (base, *points)) for axis in (0, 1))
    east, north = (max(point[axis] for point in (base, *points)) for axis in (0, 1))
    scale = min((WIDTH - 2 * EDGE) / max(east - west, LEAST_DEGREES), TALLEST / max(north - south, LEAST_DEGREES))

    def spot(point: tuple[float, float]) -> tuple[int, int]:
        return round(EDGE + (point[0] - west) * scale), round(EDGE + (north - point[1]) * scale)

    spots = [spot(point) for point in points]
    height = round((north - south) * scale) + 2 * EDGE
    return RoundMap(WIDTH, height, spot(base), _pins(placed, spots), _ways(placed, spots, spot(base)))


def _pins(stops: Sequence[RoundStop], spots: Sequence[tuple[int, int]]) -> tuple[Pin, ...]:
    together: dict[tuple[int, int], list[RoundStop]] = {}
    for stop, spot in zip(stops, spots, strict=True):
        together.setdefault(spot, []).append(stop)
    return tuple(
        Pin(x, y, _numbers([stop.number for stop in here]), any(stop.pickup_id for stop in here))
        for (x, y), here in together.items()
    )


def _numbers(numbers: Sequence[int]) -> str:
    """1 · 2, 3 · 4–6."""
    ordered = sorted(numbers)
    if len(ordered) > 2 and ordered[-1] - ordered[0] == len(ordered) - 1:
        return f"{ordered[0]}–{ordered[-1]}"
    return ", ".join(map(str, ordered))


def _ways(stops: Sequence[RoundStop], spots: Sequence[tuple[int, int]], base: tuple[int, int]) -> tuple[Way, ...]:
    found: dict[int, list[tuple[int, int]]] = {}
    for stop, spot in zip(stops, spots, strict=True):
        found.setdefault(stop.courier_number, [base]).append(spot)
    return tuple(
        Way(number, " ".join(f"{x},{y}" for x, y in [*points, base]), (number - 1) % 4 + 1)
        for number, points in sorted(found.items())
    )
