"""Planning the legs of a parcel over the lane graph: the shortest way by cost, by time or by reliability. Pure."""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from core.money import Money
from logistics.rates.rules import UNKNOWN_ON_TIME

SELLER: Final = "seller"
BUYER: Final = "buyer"
MOST_LEGS: Final = 6


class Aim(StrEnum):
    """What a route is to be best at."""

    COST = "COST"
    SPEED = "SPEED"
    RELIABILITY = "RELIABILITY"


class LegKind(StrEnum):
    PICKUP = "PICKUP"
    LINE_HAUL = "LINE_HAUL"
    LAST_MILE = "LAST_MILE"


class Leg(NamedTuple):
    """One carrier's part of the way, with the price, the days and the scorecard it was chosen by.

    `start` and `end` are codes of hubs, or SELLER and BUYER. `hours`: the time at its start before it leaves.
    """

    start: str
    end: str
    service_code: str
    service_name: str
    carrier_code: str
    carrier_name: str
    price: Money
    usual_days: int
    latest_days: int
    hours: int = 0
    on_time_percent: int | None = None
    on_time_parcels: int = 0

    @property
    def kind(self) -> LegKind:
        if self.start == SELLER:
            return LegKind.PICKUP
        return LegKind.LAST_MILE if self.end == BUYER else LegKind.LINE_HAUL

    @property
    def share_on_time(self) -> float:
        """What the plan reckons with; without figures what every promise is made to hold."""
        return max(UNKNOWN_ON_TIME if self.on_time_percent is None else self.on_time_percent, 1) / 100


@dataclass(frozen=True, slots=True)
class Route:
    """The legs of a parcel in order, and what they come to. `on_time_percent`: all legs on time."""

    aim: Aim
    legs: tuple[Leg, ...]

    @property
    def price(self) -> Money:
        return Money(sum(leg.price.minor for leg in self.legs), self.legs[0].price.currency)

    @property
    def usual_days(self) -> int:
        return self._days(sum(leg.usual_days for leg in self.legs))

    @property
    def latest_days(self) -> int:
        return self._days(sum(leg.latest_days for leg in self.legs))

    @property
    def on_time_percent(self) -> int:
        return round(100 * math.prod(leg.share_on_time for leg in self.legs))

    @property
    def carriers(self) -> int:
        return len({leg.carrier_code for leg in self.legs})

    def _days(self, on_the_way: int) -> int:
        return on_the_way + -(-sum(leg.hours for leg in self.legs) // 24)


Weight = tuple[int, int, int]


def weight_of(leg: Leg, aim: Aim) -> Weight:
    """What the leg adds to a route: first what is aimed at, then the other two, so that equals are told apart."""
    hours = 24 * leg.latest_days + leg.hours
    doubt = round(-1_000_000 * math.log(leg.share_on_time))
    if aim is Aim.COST:
        return leg.price.minor, hours, doubt
    return (hours, leg.price.minor, doubt) if aim is Aim.SPEED else (doubt, leg.price.minor, hours)


def plan_route(legs: Iterable[Leg], aim: Aim) -> Route | None:
    """The best way from SELLER to BUYER over these legs (Dijkstra); None when there is none of at most MOST_LEGS legs.

    Of several services between the same two places only the best can be on it.
    """
    best: dict[tuple[str, str], tuple[Weight, str, Leg]] = {}
    for leg in legs:
        found = (weight_of(leg, aim), leg.service_code, leg)
        if (leg.start, leg.end) not in best or found[:2] < best[leg.start, leg.end][:2]:
            best[leg.start, leg.end] = found
    leaving: dict[str, list[Leg]] = defaultdict(list)
    for _weight, _code, leg in best.values():
        leaving[leg.start].append(leg)
    waiting: list[tuple[Weight, int, tuple[str, ...], Sequence[Leg]]] = [((0, 0, 0), 0, (), ())]
    fewest: dict[
        str, int
    ] = {}  # legs of the ways that were best when they came here; a later one is worth it only with fewer
    while waiting:
        weight, count, names, way = heapq.heappop(waiting)
        at = way[-1].end if way else SELLER
        if at == BUYER:
            return Route(aim, tuple(way))
        if fewest.get(at, MOST_LEGS) <= count:
            continue
        fewest[at] = count
        for leg in leaving[at]:
            added = weight_of(leg, aim)
            total = (weight[0] + added[0], weight[1] + added[1], weight[2] + added[2])
            heapq.heappush(waiting, (total, count + 1, (*names, f"{leg.service_code}>{leg.end}"), (*way, leg)))
    return None
