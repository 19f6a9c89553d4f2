"""The order in which a small courier goes round: PyVRP finds it, we reckon the times. Pure, and the same for the same seed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from pyvrp import Model
from pyvrp.stop import MaxIterations

EARTH_METRES: Final = 6_371_000
DETOUR: Final = 1.3
"""Streets are so much longer than the line between two doors, as a rule of thumb for towns."""
ITERATIONS: Final = 200
SEED: Final = 1
MAX_STOPS: Final = 150
SERVED: Final = 10_000_000
"""What leaving a stop out costs in metres: more than any round is long."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A point on the map, in degrees."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Call:
    """A door to ring at, between two moments of the day (seconds after midnight)."""

    spot: Spot
    opens: int
    closes: int


@dataclass(frozen=True, slots=True)
class Shift:
    """Where couriers begin and end, when, how fast they go, and how long a stop takes. Seconds and metres a second."""

    base: Spot
    begins: int
    ends: int
    couriers: int
    speed: float
    stop_seconds: int


@dataclass(frozen=True, slots=True)
class Visited:
    """A call in its place: by which courier, when he arrives and leaves, and how far it was from the stop before."""

    call: int
    courier: int
    arrives: int
    leaves: int
    metres: int


def metres_between(one: Spot, other: Spot) -> int:
    """By road: the great circle (haversine) and the detour streets make."""
    north = math.radians(other.latitude - one.latitude)
    east = math.radians(other.longitude - one.longitude)
    half = math.sin(north / 2) ** 2 + (
        math.cos(math.radians(one.latitude)) * math.cos(math.radians(other.latitude)) * math.sin(east / 2) ** 2
    )
    return round(2 * EARTH_METRES * math.asin(math.sqrt(half)) * DETOUR)


def plan_round(calls: Sequence[Call], shift: Shift, *, seed: int = SEED) -> tuple[list[list[Visited]], list[int]]:
    """(the stops of each courier in order, calls for which there is no time). Windows and the shift are kept.

    The search stops after a number of steps and not of seconds, so that the same calls and seed give the same round.
    """
    if not calls:
        return [], []
    orders = _search(calls, shift, seed)
    routes = [timed(order, calls, shift, courier=number) for number, order in enumerate(orders, start=1)]
    served = {stop.call for route in routes for stop in route}
    return routes, [number for number in range(len(calls)) if number not in served]


def _search(calls: Sequence[Call], shift: Shift, seed: int) -> list[list[int]]:
    """Indexes of calls in the order of each route; those that do not fit are left out."""
    spots = [shift.base, *(call.spot for call in calls)]
    model = Model()
    places = [model.add_location(spot.longitude, spot.latitude) for spot in spots]
    depot = model.add_depot(places[0])
    for place, call in zip(places[1:], calls, strict=True):
        model.add_client(
            place, service_duration=shift.stop_seconds, tw_early=call.opens, tw_late=call.closes, required=False,
            prize=SERVED,
        )  # fmt: skip
    for start, one in zip(places, spots, strict=True):
        for end, other in zip(places, spots, strict=True):
            if start is not end:
                metres = metres_between(one, other)
                model.add_edge(start, end, distance=metres, duration=round(metres / shift.speed))
    model.add_vehicle_type(
        shift.couriers, start_depot=depot, end_depot=depot, tw_early=shift.begins, tw_late=shift.ends
    )
    found = model.solve(stop=MaxIterations(ITERATIONS), seed=seed, display=False)
    if not found.is_feasible():
        return []
    return [[step.idx for step in route.schedule() if step.is_client()] for route in found.best.routes()]


def timed(order: Sequence[int], calls: Sequence[Call], shift: Shift, *, courier: int) -> list[Visited]:
    """When the courier is where: he waits for a window to open."""
    at, clock, found = shift.base, shift.begins, []
    for number in order:
        call = calls[number]
        metres = metres_between(at, call.spot)
        arrives = max(clock + round(metres / shift.speed), call.opens)
        clock = arrives + shift.stop_seconds
        found.append(Visited(number, courier, arrives, clock, metres))
        at = call.spot
    return found


def length_of(order: Sequence[int], calls: Sequence[Call], shift: Shift) -> int:
    """Metres of a round from the base and back."""
    spots = [shift.base, *(calls[number].spot for number in order), shift.base]
    return sum(metres_between(one, other) for one, other in pairwise(spots))
