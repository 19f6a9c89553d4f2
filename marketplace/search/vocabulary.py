"""What the index knows of words: how often they occur, what a misspelt word was meant to be, and whether two words are
written as one. Read from the index itself, so that it speaks the language of the goods on sale.
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections.abc import Callable
from heapq import nlargest
from operator import itemgetter
from typing import Any, Final

import tantivy
from rapidfuzz import process
from rapidfuzz.distance import OSA

from marketplace.search.text import term_of

REFRESH_SECONDS: Final = 300.0
GROWN: Final = 1.2
SMALL: Final = 10_000
"""Listings of an index whose words are read in a few milliseconds."""
MAX_REMEMBERED: Final = 20_000
MAX_WORDS: Final = 150_000
MIN_LISTINGS: Final = 2
"""A word that one listing has may be its own mistake."""
FAR_MORE: Final = 12
LONG: Final = 8
"""A word that sellers themselves write is read as a mistake only when it is long (short words have neighbours by chance)
and another, one letter off, is this many times as frequent."""
WELL_KNOWN: Final = 100
"""A word of so many titles is what people write."""
MAX_SPLITS: Final = 12


class Vocabulary:
    """The title words of one index. Asking is thread-safe; the word list is read anew every five minutes, and
    when the index has grown."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._read_at: float | None = None
        self._listings = 0
        self._reading = threading.Lock()
        self._frequency: dict[str, int] = {}
        self._by_length: dict[int, list[str]] = {}
        self._sorted: list[str] = []
        self._corrections: dict[str, str] = {}
        self._splits: dict[str, tuple[str, str] | None] = {}

    def refresh(self, searcher: tantivy.Searcher) -> None:
        """Read the words again if it is time: the first time at once, later in a thread while the old ones serve."""
        if not self._is_due(self._monotonic(), searcher.num_docs):
            return
        if self._read_at is None or searcher.num_docs <= SMALL:
            with self._reading:
                if self._is_due(self._monotonic(), searcher.num_docs):
                    self._read(searcher)
        elif self._reading.acquire(blocking=False):
            threading.Thread(target=self._read_again, args=(searcher,), name="vocabulary", daemon=True).start()

    def _read_again(self, searcher: tantivy.Searcher) -> None:
        try:
            self._read(searcher)
        finally:
            self._reading.release()

    def _is_due(self, moment: float, listings: int) -> bool:
        if self._read_at is None or moment - self._read_at >= REFRESH_SECONDS:
            return True
        return listings > self._listings * GROWN

    def _read(self, searcher: tantivy.Searcher) -> None:
        found = (
            (word, n) for word, n in searcher.terms_with_prefix("word", "") if n >= MIN_LISTINGS and word.isalpha()
        )
        frequency = dict(nlargest(MAX_WORDS, found, key=itemgetter(1)))
        by_length: dict[int, list[str]] = {}
        for word in frequency:
            if len(word) >= 3:
                by_length.setdefault(len(word), []).append(word)
        self._frequency, self._by_length, self._corrections, self._splits = frequency, by_length, {}, {}
        self._sorted = sorted(frequency)
        self._read_at, self._listings = self._monotonic(), searcher.num_docs

    def frequency(self, word: str) -> int:
        """In how many titles a folded word stands; 0 for words of a single title."""
        return self._frequency.get(word, 0)

    def starting_with(self, prefix: str, *, limit: int) -> list[str]:
        """Title words that begin so, the most frequent first."""
        start = bisect_left(self._sorted, prefix)
        end = bisect_left(self._sorted, prefix + "\uffff")
        return nlargest(limit, self._sorted[start:end], key=self.frequency)

    def correction(self, word: str, listings: int = 0) -> str:
        """The word that a misspelt one was meant to be, or an empty string: one letter off from four letters on, two
        from seven, far more frequent than the word as typed."""
        if len(word) < 4 or not word.isalpha():
            return ""
        known = self._corrections.get(word)
        if known is None:
            if len(self._corrections) > MAX_REMEMBERED:
                self._corrections = {}
            known = self._corrections[word] = self._nearest(word, max(listings, self.frequency(word)))
        return known

    def _nearest(self, word: str, own: int) -> str:
        if own >= WELL_KNOWN or (own and len(word) < LONG):
            return ""
        reach = 1 if own or len(word) < 7 else 2
        best, best_score = "", 0.0
        for length in range(len(word) - reach, len(word) + reach + 1):
            near = process.extract(
                word, self._by_length.get(length, ()), scorer=OSA.distance, score_cutoff=reach, limit=20
            )
            for other, distance, _place in near:
                score = self._frequency[other] * (0.05 ** (distance - 1)) * (1.0 if other[0] == word[0] else 0.05)
                if distance > 0 and score > best_score and not _is_inflection(word, other):
                    best, best_score = other, score
        return best if best_score > own * FAR_MORE else ""

    def split(self, word: str, searcher: tantivy.Searcher, schema: tantivy.Schema) -> tuple[str, str] | None:
        """Two words that titles write next to each other where the query has one ("headset": "head set")."""
        if len(word) < 6 or not word.isalpha() or self.frequency(word) >= WELL_KNOWN:
            return None
        if word not in self._splits:
            if len(self._splits) > MAX_REMEMBERED:
                self._splits = {}
            self._splits[word] = self._best_split(word, searcher, schema)
        return self._splits.get(word)

    def _best_split(self, word: str, searcher: tantivy.Searcher, schema: tantivy.Schema) -> tuple[str, str] | None:
        parts = [(word[:cut], word[cut:]) for cut in range(3, len(word) - 2)]
        parts = [(a, b) for a, b in parts if min(self.frequency(a), self.frequency(b)) >= MIN_LISTINGS]
        best, most = None, max(1, self.frequency(word) // 10)
        for pair in sorted(parts, key=lambda p: -min(map(self.frequency, p)))[:MAX_SPLITS]:
            phrase = tantivy.Query.phrase_query(schema, "title", [term_of(part, "en") for part in pair])
            found: Any = searcher.search(phrase, limit=1)
            count = int(found.count or 0)
            if count > most:
                best, most = pair, count
        return best


def _is_inflection(word: str, other: str) -> bool:
    """Plural and singular are no mistakes of each other."""
    return term_of(word, "en") == term_of(other, "en")
