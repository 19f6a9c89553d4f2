"""What a few typed letters may become: queries, categories, shops. Answers while somebody types, so all of it is bounded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from marketplace.catalog.selectors import list_categories
from marketplace.search.node import SearchNode, node
from marketplace.search.rules import MAX_QUERY_LENGTH
from marketplace.search.text import fold, split_words
from marketplace.sellers.selectors import open_shops

QUERIES: Final = 6
CATEGORIES: Final = 3
SHOPS: Final = 3
PAST: Final = 4
LEAST_LETTERS: Final = 2


@dataclass(frozen=True)
class Suggestion:
    """`kind`: PAST, QUERY, CATEGORY or SHOP; `value`: a query's text, a category's code, a shop's slug."""

    kind: str
    text: str
    value: str


def suggest(typed: str, *, past: Sequence[str] = (), at: SearchNode | None = None) -> list[Suggestion]:
    """Suggestions for what is typed so far: own past searches first, then words of goods on sale, categories, shops."""
    typed = typed[:MAX_QUERY_LENGTH].strip()
    start = fold(typed)
    if len(start) < LEAST_LETTERS:
        return []
    found = [Suggestion("PAST", text, text) for text in past if fold(text).startswith(start)][:PAST]
    found += [Suggestion("QUERY", text, text) for text in _completions(typed, at or node())]
    named = [c for c in list_categories() if any(part.startswith(start) for part in _starts(c.name))]
    found += [Suggestion("CATEGORY", c.name, c.code) for c in named[:CATEGORIES]]
    shops = open_shops().filter(name__istartswith=typed)[:SHOPS]
    found += [Suggestion("SHOP", shop.name, shop.slug) for shop in shops]
    return list({(s.kind, s.value): s for s in found}.values())


def _completions(typed: str, here: SearchNode) -> list[str]:
    """The typed words with the last one completed by words of titles, the most frequent first."""
    words = split_words(typed)
    if not words:
        return []
    searcher = here.searcher()
    here.vocabulary.refresh(searcher)
    before = " ".join(words[:-1])
    completed = here.vocabulary.starting_with(fold(words[-1]), limit=QUERIES)
    return [f"{before} {word}".strip() for word in completed]


def _starts(name: str) -> list[str]:
    """A name and each of its words, folded."""
    return [fold(name), *map(fold, split_words(name))]
