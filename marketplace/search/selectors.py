"""Searching: retrieval from the node's index, facets, re-ranking, cards with their reasons."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import tantivy

from core.money import Money
from marketplace.catalog.photos import photo_url
from marketplace.search.node import SearchNode, node
from marketplace.search.ports import Candidate, Factor, Ranked, TextOnly, ranking_model
from marketplace.search.rules import (
    CANDIDATES,
    FILTERS,
    MAX_PAGE,
    PAGE_SIZE,
    SearchQuery,
    Sort,
    fold,
    freshness_days,
    quote_words,
    words_of,
)

FACET_SIZES: Final = {"department": 20, "category": 40, "country": 30, "condition": 5, "attribute": 60}
TEXT_FIELDS: Final = ["title", "title_en", "title_es", "body", "body_en", "body_es"]
BOOSTS: Final = {"title": 3.0, "title_en": 2.5, "title_es": 2.5, "body": 1.0, "body_en": 0.8, "body_es": 0.8}
FEATURES: Final = (
    "rating_hundredths", "rating_count", "units_sold_30d", "click_rate_bp", "conversion_bp", "promise_kept_bp",
    "dispute_rate_bp", "price_minor", "has_photo", "published_day",
)  # fmt: skip
Must = tantivy.Occur.Must


@dataclass(frozen=True)
class Hit:
    """A result card: what it shows and why it stands where it does."""

    listing_id: UUID
    title: str
    price: Money
    photo: str
    photo_large: str
    alt: str
    seller_id: UUID
    seller_name: str
    seller_slug: str
    country: str
    rating_hundredths: int
    rating_count: int
    promise_kept_bp: int | None
    handling_days: int
    weight_grams: int
    category_code: str
    available: bool
    factors: tuple[Factor, ...]
    position: int

    @property
    def rating_stars(self) -> float:
        return self.rating_hundredths / 100

    @property
    def promise_share(self) -> int | None:
        """Share of promises kept, in whole per cent."""
        return None if self.promise_kept_bp is None else round(self.promise_kept_bp / 100)


@dataclass(frozen=True)
class FacetValue:
    value: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class Results:
    """One page of results. `relaxed` is empty, FUZZY (spelling) or ANY (not all words match)."""

    hits: tuple[Hit, ...]
    total: int
    facets: dict[str, tuple[FacetValue, ...]]
    relaxed: str
    model_version: str
    page: int
    pages: int


def search(query: SearchQuery, *, now: datetime, at: SearchNode | None = None) -> Results:
    """Find, count, rank and explain. No database query; bounded by CANDIDATES and MAX_PAGE pages."""
    here = at or node()
    searcher = here.searcher()
    text, relaxed = _text_query(here.index, searcher, query)
    full = _with_filters(here.index, text, query)
    page = min(max(query.page, 1), MAX_PAGE)
    ranked, addresses, total, version = _ordered(searcher, full, query, page=page, now=now)
    window = ranked[(page - 1) * PAGE_SIZE : page * PAGE_SIZE] if query.sort in {Sort.BEST, Sort.PLAIN} else ranked
    hits = tuple(
        _hit(searcher.doc(addresses[r.position]), r, (page - 1) * PAGE_SIZE + i + 1) for i, r in enumerate(window)
    )
    return Results(
        hits=hits, total=total, facets=_facets(here.index, searcher, text, full, query), relaxed=relaxed,
        model_version=version, page=page, pages=min(-(-total // PAGE_SIZE), MAX_PAGE),
    )  # fmt: skip


def _text_query(index: tantivy.Index, searcher: tantivy.Searcher, query: SearchQuery) -> tuple[tantivy.Query, str]:
    """All words; if nothing has them all, with spelling mistakes; else any of them."""
    words = words_of(query.text)
    if not words:
        return tantivy.Query.all_query(), ""
    code = tantivy.Query.term_query(index.schema, "code", query.text.strip())
    parsed = tantivy.Query.empty_query()
    for relaxed, candidate in (
        ("", _parsed(index, words, all_words=True)),
        ("FUZZY", _misspelled(index.schema, words)),
        ("ANY", _parsed(index, words, all_words=False)),
    ):
        parsed = tantivy.Query.boolean_query([(tantivy.Occur.Should, candidate), (tantivy.Occur.Should, code)])
        if searcher.search(_with_filters(index, parsed, query), limit=1, count=False).hits:
            return parsed, relaxed
    return parsed, ""


def _parsed(index: tantivy.Index, words: list[str], *, all_words: bool) -> tantivy.Query:
    parsed, _errors = index.parse_query_lenient(
        quote_words(words), default_field_names=TEXT_FIELDS, field_boosts=BOOSTS, conjunction_by_default=all_words
    )
    return parsed


def _misspelled(schema: tantivy.Schema, words: list[str]) -> tantivy.Query:
    """Every word within one or two letters (by its length) of a word in title or body."""
    parts = []
    for word in words:
        folded = fold(word)
        distance = 0 if len(folded) < 4 else 1 if len(folded) < 7 else 2
        near = [
            tantivy.Query.fuzzy_term_query(schema, field, folded, distance=distance, transposition_cost_one=True)
            for field in ("title", "body")
        ]
        parts.append((Must, tantivy.Query.disjunction_max_query(near)))
    return tantivy.Query.boolean_query(parts)


def _with_filters(index: tantivy.Index, text: tantivy.Query, query: SearchQuery) -> tantivy.Query:
    parts: list[tuple[tantivy.Occur, tantivy.Query]] = [(Must, text)]
    schema = index.schema
    for name in FILTERS:
        values = query.filters.get(name, ())
        if name == "attribute":
            parts += [(Must, _silent(_any_of(schema, name, group))) for group in _by_code(values)]
        elif values:
            parts.append((Must, _silent(_any_of(schema, name, values))))
    if query.price_from is not None or query.price_to is not None:
        low, high = query.price_from or 0, query.price_to if query.price_to is not None else 10**15
        prices = tantivy.Query.range_query(schema, "price_minor", tantivy.FieldType.Integer, low, high)
        currency = tantivy.Query.term_query(schema, "currency", query.currency)
        parts += [(Must, _silent(prices)), (Must, _silent(currency))]
    if query.only_available:
        parts.append((Must, _silent(tantivy.Query.term_query(schema, "available", 1))))
    if query.rated_from:
        rated = tantivy.Query.range_query(
            schema, "rating_hundredths", tantivy.FieldType.Integer, query.rated_from * 100, 500
        )
        parts.append((Must, _silent(rated)))
    return tantivy.Query.boolean_query(parts) if len(parts) > 1 else text


def _silent(query: tantivy.Query) -> tantivy.Query:
    """A filter: it decides, but adds nothing to the score."""
    return tantivy.Query.const_score_query(query, 0.0)


def _any_of(schema: tantivy.Schema, field: str, values: tuple[str, ...]) -> tantivy.Query:
    return tantivy.Query.term_set_query(schema, field, list(values))


def _by_code(values: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Attribute choices grouped by attribute: any within one, all across."""
    groups: dict[str, list[str]] = {}
    for value in values:
        groups.setdefault(value.partition(":")[0], []).append(value)
    return [tuple(group) for group in groups.values()]


def _ordered(
    searcher: tantivy.Searcher, full: tantivy.Query, query: SearchQuery, *, page: int, now: datetime
) -> tuple[Sequence[Ranked], list[Any], int, str]:
    sorted_by = {
        Sort.PRICE_UP: ("price_minor", tantivy.Order.Asc), Sort.PRICE_DOWN: ("price_minor", tantivy.Order.Desc),
        Sort.NEWEST: ("published_day", tantivy.Order.Desc), Sort.RATING: ("rating_hundredths", tantivy.Order.Desc),
    }.get(query.sort)  # fmt: skip
    if sorted_by is not None:
        field, order = sorted_by
        result = searcher.search(
            full, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE, order_by_field=field, order=order
        )
        addresses = [address for _, address in result.hits]
        return [Ranked(i, 0.0, ()) for i in range(len(addresses))], addresses, _count_of(result), ""
    limit = max(CANDIDATES, page * PAGE_SIZE)
    if words_of(query.text):
        result = searcher.search(full, limit=limit)
    else:
        result = searcher.search(full, limit=limit, order_by_field="units_sold_30d")
    addresses = [address for _, address in result.hits]
    scores = [float(score) if words_of(query.text) else 0.0 for score, _ in result.hits]
    model = TextOnly() if query.sort is Sort.PLAIN else ranking_model()
    candidates = _candidates(searcher, addresses, scores, today=now.toordinal())
    return model.rank(candidates), addresses, _count_of(result), model.version


def _count_of(result: Any) -> int:
    return int(result.count or 0)


def _candidates(
    searcher: tantivy.Searcher, addresses: list[Any], scores: list[float], *, today: int
) -> list[Candidate]:
    if not addresses:
        return []
    columns = {name: searcher.fast_field_values(name, addresses) for name in FEATURES}
    candidates = []
    for i, score in enumerate(scores):
        features = {name: int(column[i] or 0) for name, column in columns.items()}
        features["age_days"] = freshness_days(features.pop("published_day"), today)
        candidates.append(Candidate(i, score, features))
    return candidates


def _facets(
    index: tantivy.Index, searcher: tantivy.Searcher, text: tantivy.Query, full: tantivy.Query, query: SearchQuery
) -> dict[str, tuple[FacetValue, ...]]:
    """Counts per facet value; a facet with a choice is counted as if it had none (disjunctive counts)."""
    open_facets = [name for name in FACET_SIZES if not query.filters.get(name)]
    counted = _count(searcher, full, open_facets)
    for name in FACET_SIZES:
        if query.filters.get(name):
            counted |= _count(searcher, _with_filters(index, text, query.without(name)), [name])
    return {
        name: tuple(FacetValue(v, n, v in query.filters.get(name, ())) for v, n in counted[name])
        for name in FACET_SIZES
    }


def _count(searcher: tantivy.Searcher, query: tantivy.Query, names: list[str]) -> dict[str, list[tuple[str, int]]]:
    if not names:
        return {}
    asked = {name: {"terms": {"field": name, "size": FACET_SIZES[name]}} for name in names}
    answer = searcher.aggregate(query, asked)
    return {name: [(str(b["key"]), int(b["doc_count"])) for b in answer[name]["buckets"]] for name in names}


def _hit(document: Any, ranked: Ranked, position: int) -> Hit:
    card = json.loads(document.get_first("card"))
    return Hit(
        listing_id=UUID(card["id"]), title=card["title"], price=Money(card["price_minor"], card["currency"]),
        photo=photo_url(card["photo"], "s") if card["photo"] else "",
        photo_large=photo_url(card["photo"], "m") if card["photo"] else "", alt=card["alt"],
        seller_id=UUID(card["seller_id"]), seller_name=card["seller"], seller_slug=card["slug"],
        country=card["country"], rating_hundredths=card["rating"], rating_count=card["rating_count"],
        promise_kept_bp=card["promise_kept_bp"], handling_days=card["handling_days"],
        weight_grams=card["weight_grams"], category_code=card["category"], available=card["available"],
        factors=ranked.factors, position=position,
    )  # fmt: skip
