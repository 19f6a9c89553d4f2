"""Pure rules of search: what a person typed, as filters and words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Final

MAX_QUERY_LENGTH: Final = 200
MAX_WORDS: Final = 12
PAGE_SIZE: Final = 24
MAX_PAGE: Final = 40
CANDIDATES: Final = 200
"""How many retrieved listings the ranking model looks at."""
ENOUGH: Final = 2 * PAGE_SIZE
"""Where fewer listings have all the words, those with some of them follow."""

_CODE: Final = re.compile(r"\d{6,14}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

WORD: Final = re.compile(r"[^\W_]+", re.UNICODE)


class Sort(StrEnum):
    BEST = "best"
    PLAIN = "plain"
    PRICE_UP = "price"
    PRICE_DOWN = "-price"
    NEWEST = "newest"
    RATING = "rating"


PRICE_EDGES: Final = (0, 1_000, 2_500, 5_000, 10_000, 20_000, 50_000, 100_000, 250_000)
"""Where the bars of the price histogram begin, in minor units; the last has no end."""

FILTERS: Final = ("department", "category", "country", "condition", "seller", "attribute")


@dataclass(frozen=True)
class Reach:
    """Goods from a country, of a weight in grams, that may take so many working days to get ready."""

    origin: str
    weight_from: int
    weight_to: int
    longest_handling: int


@dataclass(frozen=True)
class SearchQuery:
    """A search as asked. `filters`: facet -> chosen values (any of them matches); prices in minor units.

    `ship_to`: only what a carrier brings to that country, `by` a day at the latest; `reach` is what that means for the index.
    `buying`: only what is sold in so small a number.
    """

    text: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    price_from: int | None = None
    price_to: int | None = None
    currency: str = "EUR"
    only_available: bool = False
    only_business: bool = False
    rated_from: int = 0
    buying: int = 0
    ship_to: str = ""
    by: date | None = None
    reach: tuple[Reach, ...] = ()
    sort: Sort = Sort.BEST
    page: int = 1

    def without_prices(self) -> SearchQuery:
        """The same search at any price: what the price histogram counts."""
        return replace(self, price_from=None, price_to=None)

    def without_attribute(self, code: str) -> SearchQuery:
        """The same search with one property left open; the choices of other properties stay."""
        kept = tuple(v for v in self.filters.get("attribute", ()) if v.partition(":")[0] != code)
        return replace(self, filters={**self.filters, "attribute": kept})

    def without(self, facet: str) -> SearchQuery:
        """The same search with one facet left open: its counts show what choosing another value would give."""
        return replace(self, filters={name: values for name, values in self.filters.items() if name != facet})


def words_of(text: str) -> list[str]:
    """The words of a query, bounded."""
    return WORD.findall(text[:MAX_QUERY_LENGTH])[:MAX_WORDS]


def looks_like_code(text: str) -> bool:
    """A GTIN (its leading zeros aside) or a listing's id: one listing is meant."""
    return bool(_CODE.fullmatch(text))


def freshness_days(published_day: int, today: int) -> int:
    return max(today - published_day, 0)
