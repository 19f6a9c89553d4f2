"""Deep paging: all results of a search, a page at a time, each after the last one seen and not at an offset.

In an order by a column a cursor holds its value and the listing's `place`, a number of its own that never changes: what comes or
goes elsewhere does not move what follows. In the order of fit the first CANDIDATES are ranked as on pages; the others follow by
`place`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import tantivy

from core.errors import InvalidInput
from marketplace.search.node import SearchNode, node
from marketplace.search.ports import Ranked
from marketplace.search.retrieval import both
from marketplace.search.rules import CANDIDATES, PAGE_SIZE, SearchQuery, Sort
from marketplace.search.selectors import Hit, column_of, hit_of, ordered, understood, with_reach

LAST: Final = 2**62
COLUMNS: Final = {
    Sort.PRICE_UP: ("price_minor", tantivy.Order.Asc), Sort.PRICE_DOWN: ("price_minor", tantivy.Order.Desc),
    Sort.NEWEST: ("published_day", tantivy.Order.Desc), Sort.RATING: ("rating_hundredths", tantivy.Order.Desc),
}  # fmt: skip
_CURSOR: Final = re.compile(r"(?:r(?P<rank>\d{1,4})|p(?P<rest>\d{1,19})|v(?P<value>\d{1,16})\.(?P<place>\d{1,19}))")


@dataclass(frozen=True)
class Walk:
    """A page of a walk through all results; `next_cursor` is empty at the end."""

    hits: tuple[Hit, ...]
    total: int
    next_cursor: str


def walk(query: SearchQuery, cursor: str, *, now: datetime, at: SearchNode | None = None) -> Walk:
    """The page after `cursor` (empty: the first), however deep. Raises InvalidInput (cursor)."""
    read = _CURSOR.fullmatch(cursor or "r0")
    if read is None or (cursor and (read["value"] is not None) != (query.sort in COLUMNS)):
        raise InvalidInput("This cursor is not of this search.", field="cursor", remedy="Begin again without one.")
    steps = _Steps(at or node(), query, now=now)
    if query.sort in COLUMNS:
        return steps.by_column(int(read["value"]), int(read["place"])) if cursor else steps.by_column(None, -1)
    if read["rest"] is not None:
        return steps.after_ranked(int(read["rest"]))
    return steps.ranked(int(read["rank"]))


class _Steps:
    """One search, and the ways to go on in it."""

    def __init__(self, here: SearchNode, query: SearchQuery, *, now: datetime) -> None:
        self._here, self._now = here, now
        self._searcher = here.searcher()
        self._asked = understood(here, self._searcher, with_reach(query, now=now))
        counted: Any = self._searcher.search(self._asked.full, limit=1)
        self._total = int(counted.count or 0)

    def ranked(self, first: int) -> Walk:
        window, addresses = self._ranked()
        shown = window[first : first + PAGE_SIZE]
        hits = tuple(hit_of(self._doc(addresses[r.position]), r, first + i + 1) for i, r in enumerate(shown))
        if first + PAGE_SIZE < len(window):
            return Walk(hits, self._total, f"r{first + PAGE_SIZE}")
        return Walk(hits, self._total, "p0" if self._total > len(window) else "")

    def after_ranked(self, place: int) -> Walk:
        window, addresses = self._ranked()
        ids = [str(self._doc(addresses[r.position]).get_first("id")) for r in window]
        seen = tantivy.Query.term_set_query(self._here.index.schema, "id", ids)
        rest = tantivy.Query.boolean_query([(tantivy.Occur.Must, self._asked.full), (tantivy.Occur.MustNot, seen)])
        found = self._by_place(rest, after=place, limit=PAGE_SIZE + 1)
        return self._page(found, lambda last: f"p{self._value('place', last)}")

    def by_column(self, value: int | None, place: int) -> Walk:
        """Those of the same value in the order of their places, then the next value, until the page is full."""
        name, order = COLUMNS[self._asked.query.sort]
        found: list[Any] = []
        if value is None:
            value = self._next_value(name, order, None)
        while value is not None and len(found) <= PAGE_SIZE:
            same = both(self._asked.full, [self._between(name, value, value)])
            found += self._by_place(same, after=place, limit=PAGE_SIZE + 1 - len(found))
            value, place = self._next_value(name, order, value), -1
        return self._page(found, lambda last: f"v{self._value(name, last)}.{self._value('place', last)}")

    def _next_value(self, name: str, order: tantivy.Order, value: int | None) -> int | None:
        """The first value after `value` in this order; None: there is none."""
        query = self._asked.full
        if value is not None:
            is_rising = order == tantivy.Order.Asc
            if not is_rising and value == 0:
                return None
            beyond = self._between(name, value + 1, LAST) if is_rising else self._between(name, 0, value - 1)
            query = both(query, [beyond])
        hits = self._searcher.search(query, limit=1, count=False, order_by_field=name, order=order).hits
        return self._value(name, hits[0][1]) if hits else None

    def _by_place(self, query: tantivy.Query, *, after: int, limit: int) -> list[Any]:
        later = both(query, [self._between("place", after + 1, LAST)])
        hits = self._searcher.search(
            later, limit=limit, count=False, order_by_field="place", order=tantivy.Order.Asc
        ).hits
        return [address for _, address in hits]

    def _page(self, found: list[Any], cursor_of: Any) -> Walk:
        shown = found[:PAGE_SIZE]
        hits = tuple(hit_of(self._doc(one), Ranked(i, 0.0, ()), i + 1) for i, one in enumerate(shown))
        return Walk(hits, self._total, cursor_of(shown[-1]) if len(found) > PAGE_SIZE else "")

    def _ranked(self) -> tuple[Any, list[Any]]:
        window, addresses, _total, _version = ordered(
            self._here, self._searcher, self._asked, page=1, now=self._now, size=CANDIDATES
        )
        return window, addresses

    def _between(self, name: str, low: int, high: int) -> tantivy.Query:
        return tantivy.Query.range_query(self._here.index.schema, name, tantivy.FieldType.Integer, low, high)

    def _value(self, name: str, address: Any) -> int:
        return column_of(self._searcher, name, [address])[0]

    def _doc(self, address: Any) -> Any:
        return self._searcher.doc(address)
