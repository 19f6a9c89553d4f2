"""Searching: retrieval from the node's index, facets, re-ranking, cards with their reasons."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final, NamedTuple, cast
from uuid import UUID

import tantivy

from core.money import Money
from marketplace.catalog.photos import photo_url
from marketplace.catalog.rules import MAX_HANDLING_DAYS, MAX_WEIGHT_GRAMS
from marketplace.catalog.terms import reduction_percent
from marketplace.search.node import SearchNode, node
from marketplace.search.ports import Candidates, Factor, Ranked, TextOnly, ranking_model
from marketplace.search.reach import reach_of
from marketplace.search.relevance import fit_of
from marketplace.search.retrieval import Retrieval, both
from marketplace.search.rules import (
    CANDIDATES,
    ENOUGH,
    FILTERS,
    MAX_PAGE,
    PAGE_SIZE,
    PRICE_EDGES,
    Reach,
    SearchQuery,
    Sort,
    freshness_days,
    looks_like_code,
    words_of,
)
from marketplace.search.synonyms import synonyms
from marketplace.search.understanding import Lexicon, Reading, read_prices, read_words

FACET_SIZES: Final = {"department": 20, "category": 40, "country": 30, "condition": 5, "attribute": 60}
FEATURES: Final = (
    "rating_hundredths", "rating_count", "units_sold_30d", "click_rate_bp", "conversion_bp", "promise_kept_bp",
    "dispute_rate_bp", "price_minor", "has_photo", "published_day",
)  # fmt: skip


class Hit(NamedTuple):
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
    published_at: datetime
    factors: tuple[Factor, ...]
    position: int
    prior: Money | None = None
    """What a reduction that runs is measured from."""
    variants: int = 0
    """How many variants of one product stand behind this result; 0: it is one of a kind."""

    @property
    def reduced_percent(self) -> int:
        return reduction_percent(prior_minor=self.prior.minor, price_minor=self.price.minor) if self.prior else 0

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
class PriceBar:
    """How many results cost from `low` to below `high` minor units; None: no end."""

    low: int
    high: int | None
    count: int


@dataclass(frozen=True)
class Results:
    """One page of results. `relaxed` is empty, FUZZY (spelling) or ANY (not all words match); `corrected`: typed word and
    the word that was searched as well; prices the query named, in minor units."""

    hits: tuple[Hit, ...]
    total: int
    facets: dict[str, tuple[FacetValue, ...]]
    relaxed: str
    model_version: str
    page: int
    pages: int
    prices: tuple[PriceBar, ...] = ()
    corrected: tuple[tuple[str, str], ...] = ()
    price_from: int | None = None
    price_to: int | None = None


def _threads() -> None:
    global _counting
    _counting = ThreadPoolExecutor(max_workers=4, thread_name_prefix="facets")


_counting: ThreadPoolExecutor
_threads()
os.register_at_fork(after_in_child=_threads)  # a child has none of its parent's threads


@dataclass(frozen=True)
class _Asked:
    """A query understood: its words, the question to the index, the search with the prices it named, and the best
    CANDIDATES where they had to be asked for already."""

    query: SearchQuery
    reading: Reading
    text: tantivy.Query
    full: tantivy.Query
    relaxed: str
    found: Any = None


def search(query: SearchQuery, *, now: datetime, at: SearchNode | None = None) -> Results:
    """Find, count, rank and explain. No database query for listings; bounded by CANDIDATES and MAX_PAGE pages."""
    here = at or node()
    searcher = here.searcher()
    asked = understood(here, searcher, with_reach(query, now=now))
    counting = _counting.submit(_facets, here.index, searcher, asked)  # beside the ordering; the index needs no lock
    page = min(max(query.page, 1), MAX_PAGE)
    window, addresses, total, version = ordered(here, searcher, asked, page=page, now=now)
    first = (page - 1) * PAGE_SIZE
    hits = tuple(hit_of(searcher.doc(addresses[r.position]), r, first + i + 1) for i, r in enumerate(window))
    facets, prices = counting.result()
    return Results(
        hits=hits, total=total, facets=facets, prices=prices, relaxed=asked.relaxed,
        model_version=version, page=page, pages=min(-(-total // PAGE_SIZE), MAX_PAGE),
        corrected=asked.reading.corrected, price_from=asked.query.price_from, price_to=asked.query.price_to,
    )  # fmt: skip


def candidates_for(text: str, *, at: SearchNode) -> tuple[Reading, list[float], list[bytes], list[UUID]]:
    """What the first stage finds for some words, best first: what they mean, scores, packed texts and ids. For training."""
    searcher = at.searcher()
    asked = understood(at, searcher, SearchQuery(text=text))
    found = searcher.search(asked.full, limit=CANDIDATES, count=False).hits
    addresses = [address for _, address in found]
    packed = _texts(at, searcher, addresses)
    return asked.reading, [float(score) for score, _ in found], packed, [_id(searcher.doc(a)) for a in addresses]


@dataclass(frozen=True)
class PlaceInResults:
    """Where one listing stands for a search, and its factors beside those of the first ten; `position` None: not found
    among the first CANDIDATES."""

    position: int | None
    total: int
    factors: tuple[Factor, ...]
    first_ten: dict[str, float]
    model_version: str
    missing_words: tuple[str, ...]


def place_of(listing_id: UUID, query: SearchQuery, *, now: datetime, at: SearchNode | None = None) -> PlaceInResults:
    """The seller's question: why number 14? The same order that buyers see, with what each factor adds."""
    here = at or node()
    searcher = here.searcher()
    asked = understood(here, searcher, replace(query, sort=Sort.BEST, page=1))
    ranked, addresses, total, version = ordered(here, searcher, asked, page=1, now=now, size=CANDIDATES)
    ids = [_id(searcher.doc(addresses[r.position])) for r in ranked]
    position = ids.index(listing_id) if listing_id in ids else None
    ten: dict[str, float] = {}
    for entry in ranked[:10]:
        for factor in entry.factors:
            ten[factor.code] = ten.get(factor.code, 0.0) + factor.contribution / min(len(ranked), 10)
    own = ranked[position].factors if position is not None else ()
    missing = _missing_words(here, searcher, listing_id, asked.reading) if position is None or asked.relaxed else ()
    return PlaceInResults(None if position is None else position + 1, total, own, ten, version, missing)


def _missing_words(here: SearchNode, searcher: tantivy.Searcher, listing_id: UUID, reading: Reading) -> tuple[str, ...]:
    """Words of the query that the listing has in no way of writing."""
    own = tantivy.Query.term_query(here.index.schema, "id", str(listing_id), index_option="basic")
    missing = []
    for concept in reading.concepts:
        alone = Retrieval(here.index.schema, replace(reading, concepts=(concept,)), searcher.num_docs).all_words()
        if concept.needed and not searcher.search(both(alone, [own]), limit=1, count=False).hits:
            missing.append(concept.word)
    return tuple(missing)


def _texts(here: SearchNode, searcher: tantivy.Searcher, addresses: list[Any]) -> list[bytes]:
    """The packed texts of listings."""
    return here.texts.read(column_of(searcher, "text_at", addresses))


def column_of(searcher: tantivy.Searcher, name: str, addresses: list[Any]) -> list[int]:
    """A whole number of each of these listings."""
    return cast(list[int], searcher.fast_field_values(name, addresses)) if addresses else []


def _id(document: tantivy.Document) -> UUID:
    return UUID(str(document.get_first("id")))


def understood(here: SearchNode, searcher: tantivy.Searcher, query: SearchQuery) -> _Asked:
    """A code finds its listing; else all words; where few listings have them all, those with some of them follow."""
    schema = here.index.schema
    code = query.text.strip().lower()
    if looks_like_code(code):
        code = code.lstrip("0") if code.isdigit() else code
        exact = tantivy.Query.term_query(schema, "code", code, index_option="basic")
        full = _with_filters(here.index, exact, query)
        if searcher.search(full, limit=1, count=False).hits:
            return _Asked(query, Reading(), exact, full, "")
    words, query = with_prices(query)
    if not words_of(words):
        everything = tantivy.Query.all_query()
        return _Asked(query, Reading(), everything, _with_filters(here.index, everything, query), "")
    here.vocabulary.refresh(searcher)
    reading = read_words(words, Lexicon(schema, searcher, here.vocabulary, synonyms()))
    retrieval = Retrieval(schema, reading, searcher.num_docs)
    text, needed = retrieval.all_words(), sum(concept.needed for concept in reading.concepts)
    full = _with_filters(here.index, text, query)
    relaxed = "FUZZY" if any(not concept.is_known for concept in reading.concepts) else ""
    if needed < 2:
        return _Asked(query, reading, text, full, relaxed)
    least = ENOUGH if query.sort in {Sort.BEST, Sort.PLAIN} else 1
    found = searcher.search(full, limit=CANDIDATES)
    if len(found.hits) < least:
        some = retrieval.most_words(needed - 1)
        return _Asked(query, reading, some, _with_filters(here.index, some, query), "ANY")
    return _Asked(query, reading, text, full, relaxed, found)


def with_reach(query: SearchQuery, *, now: datetime) -> SearchQuery:
    """The search with what its country and day mean for the index."""
    if not query.ship_to:
        return query
    return replace(query, reach=reach_of(query.ship_to, query.by, currency=query.currency, now=now))


def with_prices(query: SearchQuery) -> tuple[str, SearchQuery]:
    """(the words left, the search with the prices that the words named); what a filter says goes before."""
    words, low, high = read_prices(query.text)
    price_from, price_to = query.price_from, query.price_to
    if low and price_from is None:
        price_from = Money.parse(low, query.currency).minor
    if high and price_to is None:
        price_to = Money.parse(high, query.currency).minor
    return words, replace(query, price_from=price_from, price_to=price_to)


def _with_filters(index: tantivy.Index, text: tantivy.Query, query: SearchQuery) -> tantivy.Query:
    parts: list[tantivy.Query] = []
    schema = index.schema
    for name in FILTERS:
        values = query.filters.get(name, ())
        if name == "attribute":
            parts += [_any_of(schema, name, group) for group in _by_code(values)]
        elif values:
            parts.append(_any_of(schema, name, values))
    if query.price_from is not None or query.price_to is not None:
        low, high = query.price_from or 0, query.price_to if query.price_to is not None else 10**15
        parts.append(tantivy.Query.range_query(schema, "price_minor", tantivy.FieldType.Integer, low, high))
        parts.append(tantivy.Query.term_query(schema, "currency", query.currency, index_option="basic"))
    if query.only_available:
        parts.append(tantivy.Query.term_query(schema, "available", 1))
    if query.only_business:
        parts.append(tantivy.Query.term_query(schema, "business", 1))
    if query.buying:
        parts.append(_between(schema, "min_quantity", 1, query.buying))
    if query.ship_to:
        parts.append(_reaching(schema, query.reach))
    if query.rated_from:
        stars = query.rated_from * 100
        parts.append(tantivy.Query.range_query(schema, "rating_hundredths", tantivy.FieldType.Integer, stars, 500))
    return both(text, parts)


def _between(schema: tantivy.Schema, field: str, low: int, high: int) -> tantivy.Query:
    return tantivy.Query.range_query(schema, field, tantivy.FieldType.Integer, low, high)


def _reaching(schema: tantivy.Schema, reach: Sequence[Reach]) -> tantivy.Query:
    ways = []
    for one in reach:
        parts = [tantivy.Query.term_query(schema, "country", one.origin, index_option="basic")]
        if one.weight_from > 1 or one.weight_to < MAX_WEIGHT_GRAMS:
            parts.append(_between(schema, "weight_grams", one.weight_from, one.weight_to))
        if one.longest_handling < MAX_HANDLING_DAYS:
            parts.append(_between(schema, "handling_days", 0, one.longest_handling))
        ways.append(tantivy.Query.boolean_query([(tantivy.Occur.Must, part) for part in parts]))
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, way) for way in ways or [tantivy.Query.empty_query()]])


def _any_of(schema: tantivy.Schema, field: str, values: tuple[str, ...]) -> tantivy.Query:
    return tantivy.Query.term_set_query(schema, field, list(values))


def _by_code(values: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Attribute choices grouped by attribute: any within one, all across."""
    groups: dict[str, list[str]] = {}
    for value in values:
        groups.setdefault(value.partition(":")[0], []).append(value)
    return [tuple(group) for group in groups.values()]


def ordered(
    here: SearchNode, searcher: tantivy.Searcher, asked: _Asked, *, page: int, now: datetime, size: int = PAGE_SIZE
) -> tuple[Sequence[Ranked], list[Any], int, str]:
    """(the page's places, addresses in the index by position, how many there are in all, the model's version)."""
    sort = asked.query.sort
    sorted_by = {
        Sort.PRICE_UP: ("price_minor", tantivy.Order.Asc), Sort.PRICE_DOWN: ("price_minor", tantivy.Order.Desc),
        Sort.NEWEST: ("published_day", tantivy.Order.Desc), Sort.RATING: ("rating_hundredths", tantivy.Order.Desc),
    }.get(sort)  # fmt: skip
    if sorted_by is not None:
        field, order = sorted_by
        result = searcher.search(
            asked.full, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE, order_by_field=field, order=order
        )
        addresses = [address for _, address in result.hits]
        return [Ranked(i, 0.0, ()) for i in range(len(addresses))], addresses, _count_of(result), ""
    limit = max(CANDIDATES, page * PAGE_SIZE)
    by_words = bool(asked.reading.concepts)
    if asked.found is not None and limit == CANDIDATES:
        result = asked.found
    elif by_words:
        result = searcher.search(asked.full, limit=limit)
    else:
        result = searcher.search(asked.full, limit=limit, order_by_field="units_sold_30d")
    addresses = [address for _, address in result.hits]
    best = addresses[:CANDIDATES]
    fits = [0.0] * len(best)
    if by_words and best:
        scores = [float(score) for score, _ in result.hits[:CANDIDATES]]
        fits = fit_of(asked.reading, scores, _texts(here, searcher, best))
    model = TextOnly() if sort is Sort.PLAIN else ranking_model()
    first, end = (page - 1) * size, page * size
    window = list(model.rank(_candidates(searcher, best, fits, today=now.toordinal()))[first:end])
    window += [Ranked(i, 0.0, ()) for i in range(max(first, len(best)), min(end, len(addresses)))]
    return window, addresses, _count_of(result), model.version  # beyond the re-ranked: as retrieved


def _count_of(result: Any) -> int:
    return int(result.count or 0)


def _candidates(searcher: tantivy.Searcher, addresses: list[Any], fits: list[float], *, today: int) -> Candidates:
    columns = {name: column_of(searcher, name, addresses) for name in FEATURES}
    columns["age_days"] = [freshness_days(day, today) for day in columns.pop("published_day")]
    return Candidates(fits, columns)


def _facets(
    index: tantivy.Index, searcher: tantivy.Searcher, asked: _Asked
) -> tuple[dict[str, tuple[FacetValue, ...]], tuple[PriceBar, ...]]:
    """Counts per facet value, and of prices; a facet with a choice is counted as if it had none (disjunctive counts)."""
    query = asked.query
    is_priced = query.price_from is not None or query.price_to is not None
    open_facets = [name for name in FACET_SIZES if not query.filters.get(name)]
    counted, bars = _count(searcher, asked.full, open_facets, with_prices=not is_priced)
    for name in FACET_SIZES:
        if query.filters.get(name) and name != "attribute":
            counted |= _count(searcher, _with_filters(index, asked.text, query.without(name)), [name])[0]
    if query.filters.get("attribute"):
        counted["attribute"] = _attribute_counts(index, searcher, asked)
    if is_priced:
        bars = _count(searcher, _with_filters(index, asked.text, query.without_prices()), [], with_prices=True)[1]
    facets = {
        name: tuple(FacetValue(v, n, v in query.filters.get(name, ())) for v, n in counted[name])
        for name in FACET_SIZES
    }
    return facets, bars


def _attribute_counts(index: tantivy.Index, searcher: tantivy.Searcher, asked: _Asked) -> list[tuple[str, int]]:
    """Properties with a choice are counted each as if it had none; the others among what all choices leave."""
    chosen = dict.fromkeys(value.partition(":")[0] for value in asked.query.filters["attribute"])
    all_left = _count(searcher, asked.full, ["attribute"])[0]["attribute"]
    counts = [(value, n) for value, n in all_left if value.partition(":")[0] not in chosen]
    for code in chosen:
        open_query = _with_filters(index, asked.text, asked.query.without_attribute(code))
        found = _count(searcher, open_query, ["attribute"])[0]["attribute"]
        counts += [(value, n) for value, n in found if value.partition(":")[0] == code]
    return sorted(counts, key=lambda pair: (-pair[1], pair[0]))


def _count(
    searcher: tantivy.Searcher, query: tantivy.Query, names: list[str], *, with_prices: bool = False
) -> tuple[dict[str, list[tuple[str, int]]], tuple[PriceBar, ...]]:
    asked: dict[str, Any] = {name: {"terms": {"field": name, "size": FACET_SIZES[name]}} for name in names}
    edges = [*PRICE_EDGES, None]
    if with_prices:
        ranges = [{"from": low, **({} if high is None else {"to": high})} for low, high in pairwise(edges)]
        asked["price"] = {"range": {"field": "price_minor", "ranges": ranges}}
    if not asked:
        return {}, ()
    answer = searcher.aggregate(query, asked)
    counts = {name: [(str(b["key"]), int(b["doc_count"])) for b in answer[name]["buckets"]] for name in names}
    if not with_prices:
        return counts, ()
    found = {int(b.get("from", 0) or 0): int(b["doc_count"]) for b in answer["price"]["buckets"]}
    bars = tuple(PriceBar(low or 0, high, found.get(low or 0, 0)) for low, high in pairwise(edges))
    return counts, bars


def hit_of(document: Any, ranked: Ranked, position: int) -> Hit:
    return _card(document.get_first("card"))._replace(factors=ranked.factors, position=position)


@lru_cache(maxsize=4096)
def _card(written: str) -> Hit:
    """A card without its place: what is found often is read once."""
    card = json.loads(written)
    return Hit(
        listing_id=UUID(card["id"]), title=card["title"], price=Money(card["price_minor"], card["currency"]),
        photo=photo_url(card["photo"], "s") if card["photo"] else "",
        photo_large=photo_url(card["photo"], "m") if card["photo"] else "", alt=card["alt"],
        seller_id=UUID(card["seller_id"]), seller_name=card["seller"], seller_slug=card["slug"],
        country=card["country"], rating_hundredths=card["rating"], rating_count=card["rating_count"],
        promise_kept_bp=card["promise_kept_bp"], handling_days=card["handling_days"],
        weight_grams=card["weight_grams"], category_code=card["category"], available=card["available"],
        published_at=datetime.fromisoformat(card["published_at"]),
        factors=(), position=0,
        prior=Money(card["prior_minor"], card["currency"]) if card["prior_minor"] else None,
        variants=card["variants"],
    )  # fmt: skip
