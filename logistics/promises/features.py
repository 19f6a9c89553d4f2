"""What is known of a journey when it is promised, and the memory of earlier journeys it is compared with. Pure.

Nothing later than the order's moment enters a feature: a hand-over or delivery is remembered from its own moment on.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from logistics.contracts import Place
from logistics.promises.rules import Floats

NAN: Final = float("nan")
DAY_SECONDS: Final = 86_400

NAMES: Final = (
    "log_base", "distance_km", "origin_code", "destination_code", "freight", "price", "weight_grams", "volume_cm3",
    "items", "same_region", "same_area", "weekday", "hour", "zone_pace", "seller_pace", "seller_handling",
    "seller_known", "seller_waiting", "seller_orders",
)  # fmt: skip
"""The model's inputs, in order. Unknown ones are not a number; none of them is anybody's promised date."""


@dataclass(frozen=True, slots=True)
class Journey:
    """One order's way, as far as it is known. Moments in days since 1970; areas are places of growing size."""

    ordered: float
    origin: str
    destination: str
    """Region (state or country) of seller and buyer."""
    origin_area: str
    destination_area: str
    destination_zone: str
    """Start of the postcode: an area has fewer characters of it than a zone."""
    origin_code: float = NAN
    destination_code: float = NAN
    distance_km: float = NAN
    service: str = ""
    """Carrier service, where lanes of several services are learned together."""
    seller: str = ""
    freight: float = NAN
    price: float = NAN
    weight_grams: float = NAN
    volume_cm3: float = NAN
    items: float = NAN
    handed_over: float = NAN
    delivered: float = NAN

    @property
    def days(self) -> float:
        return self.delivered - self.ordered

    @property
    def lanes(self) -> tuple[str, str, str]:
        """The lanes it belongs to, widest first: to the wide area, region to region, region to area."""
        return (
            f"{self.service}>{self.destination_area[:-1]}", f"{self.service}{self.origin}>{self.destination}",
            f"{self.service}{self.origin}>{self.destination_area}",
        )  # fmt: skip


def parcel_journey(
    *, service: str, origin: Place, destination: Place, weight_grams: int, starts_at: datetime,
    delivered_at: datetime | None = None,
) -> Journey:  # fmt: skip
    """A parcel's way with a carrier, counted from its hand-over (the seller's time is the seller's promise)."""
    there, here = _plain(destination.postcode), _plain(origin.postcode)
    return Journey(
        ordered=in_days(starts_at), service=f"{service}:", origin=origin.country, destination=destination.country,
        origin_area=f"{origin.country}{here[:2]:_<2}", destination_area=f"{destination.country}{there[:2]:_<2}",
        destination_zone=f"{destination.country}{there[:3]:_<3}", origin_code=_code(here), destination_code=_code(there),
        weight_grams=float(weight_grams), delivered=in_days(delivered_at) if delivered_at else NAN,
    )  # fmt: skip


def _plain(postcode: str) -> str:
    return "".join(letter for letter in postcode.upper() if letter.isascii() and letter.isalnum())


def _code(postcode: str) -> float:
    """The first digits of a postcode as a number; not a number where it has none."""
    digits = "".join(letter for letter in postcode if letter.isdigit())[:5]
    return float(digits) if digits else NAN


def in_days(moment: datetime) -> float:
    return moment.timestamp() / DAY_SECONDS


@dataclass(slots=True)
class Fading:
    """A mean in which an old value counts half after `half_life` days."""

    half_life: float
    weight: float = 0.0
    total: float = 0.0
    at: float = 0.0

    def fade(self, now: float) -> None:
        if now > self.at:
            kept = 0.5 ** ((now - self.at) / self.half_life)
            self.weight, self.total, self.at = self.weight * kept, self.total * kept, now

    def add(self, now: float, value: float) -> None:
        self.fade(now)
        self.weight, self.total = self.weight + 1, self.total + value

    def dump(self) -> tuple[float, float, float, float]:
        return (self.half_life, self.weight, self.total, self.at)

    def mean(self, now: float, otherwise: float, strength: float) -> float:
        """The mean as if `strength` values of `otherwise` had been seen too."""
        self.fade(now)
        return (self.total + otherwise * strength) / (self.weight + strength)


LEAST_KEPT: Final = 0.5
"""Means of less than half a journey are not kept."""


def _fading(half_life: float) -> defaultdict[str, Fading]:
    return defaultdict(lambda: Fading(half_life))


class Memory:
    """Everything learned from journeys so far; walks forward in time only."""

    def __init__(self) -> None:
        self.overall = Fading(365)
        self.lanes, self.zones = _fading(365), _fading(120)
        self.seller_pace, self.seller_handling = _fading(40), _fading(40)
        self.handling = Fading(15)
        self.pace = Fading(30)
        self.waiting: defaultdict[str, int] = defaultdict(int)
        self.orders: defaultdict[str, int] = defaultdict(int)

    def log_base(self, journey: Journey, now: float) -> float:
        """Expected log days of the lane: its own mean, leaning on the wider lane, the region and all."""
        everywhere = self.overall.mean(now, 2.4, 1)
        wide, lane, narrow = journey.lanes
        expected = self.lanes[lane].mean(now, self.lanes[wide].mean(now, everywhere, 20), 15)
        return self.lanes[narrow].mean(now, expected, 15)

    def known(self, journey: Journey, now: float) -> float:
        """How many journeys (fading) of its lane have ended."""
        lane = self.lanes[journey.lanes[1]]
        lane.fade(now)
        return lane.weight

    def row(self, journey: Journey, now: float) -> list[float]:
        """The features NAMES of a journey ordered at `now`."""
        order_day = datetime.fromtimestamp(journey.ordered * DAY_SECONDS, UTC)
        known: tuple[float, ...] = (NAN,) * 5
        if seller := journey.seller:
            handling = self.seller_handling[seller]
            known = (
                self.seller_pace[seller].mean(now, self.pace.mean(now, 0, 5), 4),
                handling.mean(now, self.handling.mean(now, 1.2, 3), 3), handling.weight,
                float(self.waiting[seller]), float(self.orders[seller]),
            )  # fmt: skip
        return [
            self.log_base(journey, now), journey.distance_km, journey.origin_code, journey.destination_code,
            journey.freight, journey.price, journey.weight_grams, journey.volume_cm3, journey.items,
            float(journey.origin == journey.destination), float(journey.origin_area == journey.destination_area),
            float(order_day.weekday()), order_day.hour + order_day.minute / 60,
            self.zones[journey.destination_zone].mean(now, 0, 8), *known,
        ]  # fmt: skip

    def ordered(self, journey: Journey) -> None:
        self.waiting[journey.seller] += 1
        self.orders[journey.seller] += 1

    def handed_over(self, journey: Journey) -> None:
        handling = math.log(max(journey.handed_over - journey.ordered, 0.05) + 0.5)
        self.seller_handling[journey.seller].add(journey.handed_over, handling)
        self.handling.add(journey.handed_over, handling)
        self.waiting[journey.seller] -= 1

    def delivered(self, journey: Journey, log_base: float) -> None:
        now, log_days = journey.delivered, log_days_of(journey.days)
        pace = log_days - log_base
        self.overall.add(now, log_days)
        for lane in journey.lanes:
            self.lanes[lane].add(now, log_days)
        self.zones[journey.destination_zone].add(now, pace)
        self.seller_pace[journey.seller].add(now, pace)
        self.pace.add(now, pace)

    def dump(self) -> dict[str, Any]:
        """What a question about a journey without a known seller needs; JSON."""
        return {
            "overall": self.overall.dump(), "pace": self.pace.dump(),
            "lanes": {name: fading.dump() for name, fading in self.lanes.items() if fading.weight > LEAST_KEPT},
            "zones": {name: fading.dump() for name, fading in self.zones.items() if fading.weight > LEAST_KEPT},
        }  # fmt: skip

    @classmethod
    def load(cls, content: dict[str, Any]) -> Memory:
        memory = cls()
        memory.overall, memory.pace = Fading(*content["overall"]), Fading(*content["pace"])
        memory.lanes.update({name: Fading(*values) for name, values in content["lanes"].items()})
        memory.zones.update({name: Fading(*values) for name, values in content["zones"].items()})
        return memory


def log_days_of(days: float) -> float:
    return math.log(max(days, 0.0) + 0.5)


def walk(journeys: Iterable[Journey], memory: Memory) -> Iterator[list[float]]:
    """The features of each journey (sorted by order) as of its order, feeding `memory` with what happened before it."""
    pending: list[tuple[float, int, int, Journey, float]] = []
    for number, journey in enumerate(journeys):
        while pending and pending[0][0] < journey.ordered:
            _remember(memory, heapq.heappop(pending))
        row = memory.row(journey, journey.ordered)
        memory.ordered(journey)
        for moment, kind in ((journey.handed_over, 0), (journey.delivered, 1)):
            if not math.isnan(moment):
                heapq.heappush(pending, (moment, kind, number, journey, row[0]))
        yield row
    while pending:
        _remember(memory, heapq.heappop(pending))


def _remember(memory: Memory, happened: tuple[float, int, int, Journey, float]) -> None:
    _moment, kind, _number, journey, log_base = happened
    if kind:
        memory.delivered(journey, log_base)
    else:
        memory.handed_over(journey)


def group_of(journey: Journey, large: frozenset[str]) -> str:
    """The lane group whose recent past corrects the promise: the destination region if it is `large`, else the wide area."""
    region = f"{journey.service}{journey.destination}"
    return region if region in large else f"{journey.service}{journey.destination_area[:-1]}*"


def column(rows: Any, name: str) -> Floats:
    """One feature of all rows."""
    found: Floats = rows[:, NAMES.index(name)]
    return found
