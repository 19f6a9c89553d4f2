"""How well retrieved listings fit the words of a query, as numbers: one row a listing, one column a feature.

Pure functions of what the index keeps. All of it is vectorised over the candidates of one search.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np

from marketplace.search.text import hash_of
from marketplace.search.tokens import EMPTY, Follows, TextTable, unpack
from marketplace.search.understanding import Concept, Reading

FEATURES: Final = (
    "score", "title_bm25", "body_bm25", "title_coverage", "body_coverage", "coverage", "all_in_title", "adjacent",
    "first_place", "last_place", "ends_phrase", "before_link", "before_head", "after_link", "title_length",
    "title_share", "body_length", "repeats", "exact_words", "place", "kin", "kin_near", "topic", "words_asked",
    "known_share", "exact_variant", "numbers", "score_gap",
)  # fmt: skip
TOP: Final = 30
"""The best retrieved, whose words tell what kind of thing is asked for."""
NEAR: Final = 12
USUAL_TITLE: Final = 11.0
USUAL_TEXT: Final = 70.0
K1: Final = 1.2
B: Final = 0.75


def features_of(reading: Reading, scores: Sequence[float], packed: Sequence[bytes]) -> Any:
    """A float matrix, rows as given (in retrieval order), columns as FEATURES."""
    table = unpack(packed)
    score = np.asarray(scores, dtype=np.float64)
    relative = score / max(float(score[0]), 1e-9)
    asked = [_Presence(table, concept) for concept in reading.concepts]
    columns = _matches(reading, asked, table)
    columns |= _positions(asked, table)
    columns |= _surface(reading, table)
    columns |= _kin(table, relative)
    columns["score"], columns["place"] = relative, np.arange(len(score)) / 50.0
    columns["score_gap"] = np.full(len(score), 1.0 - relative[min(TOP, len(score)) - 1])
    columns["title_length"], columns["body_length"] = table.title_lengths / 20.0, np.log1p(table.body_lengths) / 5.0
    columns["words_asked"] = np.full(len(score), len(asked) / 4.0)
    return np.column_stack([columns[name] for name in FEATURES])


class _Presence:
    """Where one concept stands: in titles (rows x places), how often in bodies, and by which way of writing."""

    def __init__(self, table: TextTable, concept: Concept) -> None:
        self.idf = concept.idf
        self.needed = concept.needed
        self.title = np.zeros(table.title.shape, dtype=bool)
        self.body_count = np.zeros(len(table.title), dtype=np.int64)
        self.is_exact = np.zeros(len(table.title), dtype=bool)
        for place, hashes in enumerate(concept.hashes):
            title, body = self._of(table, hashes)
            self.title |= title
            np.maximum(self.body_count, body, out=self.body_count)
            if place == 0:
                self.is_exact = title.any(axis=1) | (body > 0)
        self.in_title = self.title.any(axis=1)
        self.in_body = self.body_count > 0

    @staticmethod
    def _of(table: TextTable, hashes: tuple[int, ...]) -> tuple[Any, Any]:
        found = [table.title == value for value in hashes]
        counts = [table.count_in_bodies(value) for value in hashes]
        title, body = found[0], counts[0]
        if len(found) > 1:  # several words: all of them, in title or body
            together = np.logical_and.reduce([f.any(axis=1) for f in found])
            title = np.logical_or.reduce(found) & together[:, None]
            body = np.minimum.reduce(counts)
        return title, body


def _matches(reading: Reading, asked: list[_Presence], table: TextTable) -> dict[str, Any]:
    rows = len(table.title)
    total = sum(p.idf for p in asked) or 1.0
    title_length = table.title_lengths / USUAL_TITLE
    body_length = (table.title_lengths + table.body_lengths) / USUAL_TEXT
    out = {name: np.zeros(rows) for name in ("title_bm25", "body_bm25", "title_coverage", "body_coverage", "coverage")}
    repeats, exact = np.zeros(rows), np.zeros(rows)
    all_in_title = np.ones(rows, dtype=bool)
    for presence in asked:
        in_title = presence.title.sum(axis=1)
        in_all = in_title + presence.body_count
        out["title_bm25"] += presence.idf * _bm25(in_title, title_length)
        out["body_bm25"] += presence.idf * _bm25(in_all, body_length)
        out["title_coverage"] += presence.idf * presence.in_title
        out["body_coverage"] += presence.idf * presence.in_body
        out["coverage"] += presence.idf * (presence.in_title | presence.in_body)
        repeats += np.minimum(in_all, 4)
        exact += presence.is_exact
        if presence.needed:
            all_in_title &= presence.in_title
    count = max(len(asked), 1)
    known = sum(p.idf for p, c in zip(asked, reading.concepts, strict=True) if c.variants[0].listings) / total
    return {name: column / total for name, column in out.items()} | {
        "all_in_title": all_in_title.astype(float), "repeats": repeats / count, "exact_variant": exact / count,
        "known_share": np.full(rows, known),
    }  # fmt: skip


def _bm25(count: Any, length: Any) -> Any:
    return count / (count + K1 * (1 - B + B * length))


def _positions(asked: list[_Presence], table: TextTable) -> dict[str, Any]:
    """Where the query's words stand in the title, and what follows the last of them: in "keyboard cover" the keyboard
    is not what is sold."""
    rows, width = table.title.shape
    union = np.zeros((rows, width), dtype=bool)
    for presence in asked:
        union |= presence.title
    any_place = union.any(axis=1)
    length = np.maximum(table.title_lengths, 1)
    first = np.where(any_place, union.argmax(axis=1), width)
    last = np.where(any_place, width - 1 - union[:, ::-1].argmax(axis=1), -1)
    head = _last_words(asked, rows, width)
    ends = head & (table.classes == Follows.END)
    links = head & (table.classes == Follows.LINK)
    has_end, has_link = ends.any(axis=1), links.any(axis=1)
    following = np.zeros((rows, width), dtype=bool)
    following[:, 1:] = head[:, :-1]
    before_head = (following & ~union & (table.classes == Follows.END)).any(axis=1) & ~has_end
    link_before = np.cumsum(table.classes == Follows.IS_LINK, axis=1) > 0
    return {
        "adjacent": _adjacent(asked), "first_place": 1.0 / (1.0 + first), "last_place": (last + 1) / length,
        "ends_phrase": has_end.astype(float), "before_link": has_link.astype(float),
        "before_head": before_head.astype(float),
        "after_link": (any_place & (link_before | ~union).all(axis=1)).astype(float),
        "title_share": union.sum(axis=1) / length,
    }  # fmt: skip


def _last_words(asked: list[_Presence], rows: int, width: int) -> Any:
    """For each title the places of the last concept of the query that stands in it: what is looked for comes last."""
    chosen = np.zeros((rows, width), dtype=bool)
    open_rows = np.ones(rows, dtype=bool)
    for presence in reversed(asked):
        take = open_rows & presence.in_title
        chosen[take] = presence.title[take]
        open_rows &= ~presence.in_title
    return chosen


def _adjacent(asked: list[_Presence]) -> Any:
    """Share of neighbouring words of the query that are neighbours in the title, in order."""
    pairs = list(pairwise(asked))
    if not pairs:
        return asked[0].in_title.astype(float) if asked else 0.0
    beside = [(a.title[:, :-1] & b.title[:, 1:]).any(axis=1) for a, b in pairs]
    return np.add.reduce(beside, dtype=float) / len(pairs)


def _surface(reading: Reading, table: TextTable) -> dict[str, Any]:
    """Words exactly as typed, and how many of a title's words are not words of other titles here."""
    values = [hash_of(word) for word in reading.surface]
    hits = sum(((table.surface == value).any(axis=1).astype(float) for value in values), np.zeros(len(table.title)))
    alike = (table.surface == table.title) & (table.title != EMPTY)  # numbers, codes and short words have no stem
    return {
        "exact_words": hits / max(len(values), 1),
        "numbers": alike.sum(axis=1) / np.maximum(table.title_lengths, 1),
    }


def _kin(table: TextTable, relative: Any) -> dict[str, Any]:
    """How much a title speaks like the titles of the best retrieved, beyond what all candidates have in common."""
    rows = len(table.title)
    row, term, terms = _words_of_titles(table)
    everywhere = np.bincount(term, minlength=terms) / rows
    weight = np.where(row < TOP, relative[row] ** 2, 0.0)
    among_best = np.bincount(term, weights=weight, minlength=terms) / max(float(np.sum(relative[:TOP] ** 2)), 1e-9)
    telling = among_best * np.log1p(among_best / (everywhere + 0.02))
    sizes = np.maximum(np.bincount(row, minlength=rows), 1)
    topic = np.bincount(row, weights=telling[term], minlength=rows) / sizes
    rare = np.sqrt(np.log(1.0 + 1.0 / everywhere))[term]
    norms = np.sqrt(np.bincount(row, weights=rare**2, minlength=rows)) + 1e-9
    vectors = _shared_with_best(row, term, rare / norms[row], rows, terms)
    alike = vectors @ vectors[:TOP].T
    near = np.sort(alike, axis=1)[:, -NEAR:-1] if alike.shape[1] > NEAR else alike
    return {"kin": alike.mean(axis=1), "kin_near": near.mean(axis=1), "topic": topic / max(float(topic.max()), 1e-9)}


def _words_of_titles(table: TextTable) -> tuple[Any, Any, int]:
    """(row, word) of each word of each title, a word once a title, and how many different words there are."""
    sorted_words = np.sort(table.title, axis=1)
    is_new = sorted_words != EMPTY
    is_new[:, 1:] &= sorted_words[:, 1:] != sorted_words[:, :-1]
    row, column = np.nonzero(is_new)
    words = sorted_words[row, column]
    is_there = np.zeros(EMPTY, dtype=bool)
    is_there[words] = True
    number_of = np.cumsum(is_there, dtype=np.int32) - 1
    return row, number_of[words], int(number_of[-1]) + 1


def _shared_with_best(row: Any, term: Any, value: Any, rows: int, terms: int) -> Any:
    """Rows x the words of the best retrieved titles: other words say nothing about likeness to them."""
    is_best = np.zeros(terms, dtype=bool)
    is_best[term[row < TOP]] = True
    column_of = np.cumsum(is_best) - 1
    known = is_best[term]
    matrix = np.zeros((rows, int(is_best.sum())), dtype=np.float32)
    matrix[row[known], column_of[term[known]]] = value[known]
    return matrix
