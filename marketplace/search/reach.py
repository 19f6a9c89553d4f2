"""Which goods reach a country, and by when: from where, how heavy, and how soon they are ready."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from itertools import pairwise
from typing import Final

from logistics import facade as logistics
from logistics.contracts import HintRequest
from marketplace.catalog.rules import MAX_HANDLING_DAYS, MAX_WEIGHT_GRAMS
from marketplace.search.rules import Reach
from marketplace.sellers.selectors import shop_countries

WEIGHTS: Final = (0, 1_000, 2_000, 5_000, 10_000, 15_000, 20_000, 25_000, 30_000, MAX_WEIGHT_GRAMS)
"""Grams; a parcel counts as the heaviest of its class, so that what is shown can be sent."""


def reach_of(country: str, by: date | None, *, currency: str, now: datetime) -> tuple[Reach, ...]:
    """What arrives in `country` (and by the end of `by`) with the cheapest service, as cards promise it. As of the minute."""
    minute = now.replace(second=0, microsecond=0)
    return _reach(country, by, currency, minute, tuple(shop_countries()))


@lru_cache(maxsize=64)
def _reach(country: str, by: date | None, currency: str, minute: datetime, origins: Sequence[str]) -> tuple[Reach, ...]:
    found: list[Reach] = []
    for origin in origins:
        for above, weight in pairwise(WEIGHTS):
            days = _longest_handling(origin, country, weight, by, currency, minute)
            last = found[-1] if found else None
            if last and (last.origin, last.weight_to, last.longest_handling) == (origin, above, days):
                found[-1] = replace(last, weight_to=weight)
            elif days is not None:
                found.append(Reach(origin, above + 1, weight, days))
    return tuple(found)


def _longest_handling(
    origin: str, country: str, weight: int, by: date | None, currency: str, minute: datetime
) -> int | None:
    """The most days it may take to get ready and still be there in time; None: not at all."""

    def arrives(days: int) -> bool:
        hint = HintRequest(
            origin_country=origin,
            destination_country=country,
            weight_grams=weight,
            handling_days=days,
            currency=currency,
        )
        (promise,) = logistics.promise_hints(requests=[hint], now=minute)
        return promise is not None and (by is None or promise.latest <= by)

    if not arrives(0):
        return None
    if by is None or arrives(MAX_HANDLING_DAYS):
        return MAX_HANDLING_DAYS
    low, high = 0, MAX_HANDLING_DAYS
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if arrives(middle) else (low, middle)
    return low
