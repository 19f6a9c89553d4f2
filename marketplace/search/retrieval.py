"""The first stage: a query understood as questions to the index."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import tantivy

from marketplace.search.understanding import Concept, Reading, Variant

TITLE_WEIGHT: Final = 0.5
"""What a word in the title adds to what it adds anywhere in the text."""

Must, Should = tantivy.Occur.Must, tantivy.Occur.Should


class Retrieval:
    """Queries of one reading against one index. BM25 of every way to write a concept counts as if they were one word,
    so that a rare language or misspelling does not rise by being rare."""

    def __init__(self, schema: tantivy.Schema, reading: Reading, listings: int) -> None:
        self._schema = schema
        self._reading = reading
        self._listings = listings
        self._anywhere = [self._concept(concept, "everything", 1.0) for concept in reading.concepts]
        self._title = [self._concept(concept, "title", TITLE_WEIGHT) for concept in reading.concepts]

    def all_words(self) -> tantivy.Query:
        """Listings with every concept that is needed."""
        parts = [
            (Must if concept.needed else Should, query)
            for concept, query in zip(self._reading.concepts, self._anywhere, strict=True)
        ]
        return tantivy.Query.boolean_query([*parts, *((Should, title) for title in self._title)])

    def most_words(self, missing: int) -> tantivy.Query:
        """Listings that lack at most so many of the needed concepts."""
        needed = [q for c, q in zip(self._reading.concepts, self._anywhere, strict=True) if c.needed]
        least = max(len(needed) - missing, 1)
        some = tantivy.Query.boolean_query([(Should, query) for query in needed], minimum_number_should_match=least)
        return tantivy.Query.boolean_query([(Must, some), *((Should, title) for title in self._title)])

    def _concept(self, concept: Concept, field: str, weight: float) -> tantivy.Query:
        ways = [self._variant(variant, concept, field, weight) for variant in concept.variants]
        return ways[0] if len(ways) == 1 else tantivy.Query.disjunction_max_query(ways)

    def _variant(self, variant: Variant, concept: Concept, field: str, weight: float) -> tantivy.Query:
        terms = [tantivy.Query.term_query(self._schema, field, term, index_option="freq") for term in variant.terms]
        query = terms[0] if len(terms) == 1 else tantivy.Query.boolean_query([(Must, term) for term in terms])
        own = _idf(variant.listings, self._listings) * len(terms)
        boost = weight * variant.weight * (concept.idf / own if own > 0 else 1.0)
        return query if math.isclose(boost, 1.0) else tantivy.Query.boost_query(query, boost)


def _idf(listings: int, total: int) -> float:
    return math.log(1 + (total - listings + 0.5) / (listings + 0.5))


def silent(query: tantivy.Query) -> tantivy.Query:
    """A filter: it decides, but adds nothing to the score."""
    return tantivy.Query.const_score_query(query, 0.0)


def both(text: tantivy.Query, filters: Sequence[tantivy.Query]) -> tantivy.Query:
    """A text query among the listings that pass all filters."""
    if not filters:
        return text
    return tantivy.Query.boolean_query([(Must, text), *((Must, silent(query)) for query in filters)])
