"""Pages past the last numbered one: the results that no numbered page shows, forwards and backwards, each page by a cursor.

Numbered pages end at MAX_PAGE because a search engine counts its way to an offset. What they show is left out here, so that
nothing comes twice; the rest stands in the order of its column, or of its `place` where the order is that of fit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import tantivy

from core.errors import InvalidInput
from marketplace.search.node import SearchNode, node
from marketplace.search.ports import Ranked
from marketplace.search.retrieval import both
from marketplace.search.rules import MAX_PAGE, PAGE_SIZE, SearchQuery
from marketplace.search.selectors import Hit, column_of, hit_of, ordered, understood, with_reach
from marketplace.search.walking import COLUMNS, LAST

_CURSOR: Final = re.compile(r"(?:v(\d{1,16})\.)?(\d{1,19})")


@dataclass(frozen=True)
class Beyond:
    """A page; `after` and `before` lead to the next and the one before, empty where there is none."""

    hits: tuple[Hit, ...]
    after: str
    before: str


def page_beyond(
    query: SearchQuery, cursor: str, *, now: datetime, backwards: bool = False, at: SearchNode | None = None
) -> Beyond:
    """The page after `cursor` (empty: the first), or the one before it. Raises InvalidInput (cursor)."""
    read = _CURSOR.fullmatch(cursor) if cursor else None
    if (cursor and (read is None or (read[1] is not None) != (query.sort in COLUMNS))) or (backwards and read is None):
        raise InvalidInput("This cursor is not of this search.", field="cursor", remedy="Begin again without one.")
    value, place = (int(read[1]) if read[1] else None, int(read[2])) if read else (None, -1)
    rest = _Rest(at or node(), query, is_backwards=backwards, now=now)
    found = rest.listings(value, place)
    shown = found[:PAGE_SIZE][::-1] if backwards else found[:PAGE_SIZE]
    if not shown:
        return Beyond((), "", "")
    has_more, first, last = len(found) > PAGE_SIZE, rest.cursor_of(shown[0]), rest.cursor_of(shown[-1])
    return Beyond(
        tuple(rest.hit(one, number) for number, one in enumerate(shown)),
        after=last if backwards or has_more else "", before=first if (has_more if backwards else cursor) else "",
    )  # fmt: skip


class _Rest:
    """One search without what its numbered pages show, and a direction."""

    def __init__(self, here: SearchNode, query: SearchQuery, *, is_backwards: bool, now: datetime) -> None:
        self._schema, self._back = here.index.schema, is_backwards
        self._searcher = here.searcher()
        asked = understood(here, self._searcher, replace(with_reach(query, now=now), page=MAX_PAGE))
        self._column = COLUMNS.get(query.sort)
        if self._column is None:
            shown = ordered(here, self._searcher, asked, page=MAX_PAGE, now=now)[1]
        else:
            name, order = self._column
            found = self._searcher.search(
                asked.full, limit=MAX_PAGE * PAGE_SIZE, count=False, order_by_field=name, order=order
            )
            shown = [address for _, address in found.hits]
        seen = tantivy.Query.term_set_query(self._schema, "place", column_of(self._searcher, "place", shown))
        self._all = tantivy.Query.boolean_query([(tantivy.Occur.Must, asked.full), (tantivy.Occur.MustNot, seen)])

    def listings(self, value: int | None, place: int) -> list[Any]:
        """Up to one more than a page from here on, in this direction."""
        if self._column is None:
            return self._by_place(self._all, place, PAGE_SIZE + 1)
        name, found = self._column[0], list[Any]()
        value = self._next_value(None) if value is None else value
        while value is not None and len(found) <= PAGE_SIZE:
            same = both(self._all, [self._between(name, value, value)])
            found += self._by_place(same, place, PAGE_SIZE + 1 - len(found))
            value, place = self._next_value(value), LAST if self._back else -1
        return found

    def cursor_of(self, address: Any) -> str:
        place = self._value("place", address)
        return f"v{self._value(self._column[0], address)}.{place}" if self._column else str(place)

    def hit(self, address: Any, number: int) -> Hit:
        return hit_of(self._searcher.doc(address), Ranked(number, 0.0, ()), MAX_PAGE * PAGE_SIZE + number + 1)

    def _by_place(self, query: tantivy.Query, place: int, limit: int) -> list[Any]:
        low, high = (0, place - 1) if self._back else (place + 1, LAST)
        if high < low:
            return []
        order = tantivy.Order.Desc if self._back else tantivy.Order.Asc
        query = both(query, [self._between("place", low, high)])
        hits = self._searcher.search(query, limit=limit, count=False, order_by_field="place", order=order).hits
        return [address for _, address in hits]

    def _next_value(self, value: int | None) -> int | None:
        """The first value of the column after `value` in this direction; None: there is none."""
        assert self._column is not None, "asked for orders by a column"
        name, is_rising = self._column[0], (self._column[1] == tantivy.Order.Asc) != self._back
        query = self._all
        if value is not None:
            if not is_rising and value == 0:
                return None
            query = both(
                query, [self._between(name, value + 1, LAST) if is_rising else self._between(name, 0, value - 1)]
            )
        order = tantivy.Order.Asc if is_rising else tantivy.Order.Desc
        hits = self._searcher.search(query, limit=1, count=False, order_by_field=name, order=order).hits
        return self._value(name, hits[0][1]) if hits else None

    def _between(self, name: str, low: int, high: int) -> tantivy.Query:
        return tantivy.Query.range_query(self._schema, name, tantivy.FieldType.Integer, low, high)

    def _value(self, name: str, address: Any) -> int:
        return column_of(self._searcher, name, [address])[0]
