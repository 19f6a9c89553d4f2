"""Reading a query: what somebody typed, as concepts the index can be asked for, and as a price limit when they named one."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import Final

import tantivy

from marketplace.search.rules import MAX_QUERY_LENGTH, MAX_WORDS
from marketplace.search.synonyms import Synonyms
from marketplace.search.text import (
    QUANTITY,
    STOP_WORDS,
    WORD,
    fold,
    hash_of,
    quantity_term,
    split_words,
    term_of,
    variants_of,
)
from marketplace.search.vocabulary import Vocabulary

SYNONYM_WEIGHT: Final = 0.7
CORRECTION_WEIGHT: Final = 0.9
SAME: Final = 1.0
MAX_VARIANTS: Final = 8

_NUMBER = r"(\d{1,7}(?:[.,]\d{1,2})?)"
_MONEY = r"\s*(?:€|eur(?:os?)?|\$|usd|dollars?|dólares)?"
_BELOW = (
    r"(?:under|below|less than|cheaper than|up to|max\.?|menos de|hasta|por menos de|até|abaixo de|unter|bis zu"
    r"|moins de|jusqu'à|<)"
)
_ABOVE = r"(?:over|above|more than|from|más de|desde|mais de|acima de|über|ab|plus de|>)"
_BETWEEN = r"(?:between|entre|zwischen)"
_BELOW_PRICE: Final = re.compile(rf"(?:^|\s){_BELOW}\s*[€$]?\s*{_NUMBER}{_MONEY}\s*$", re.IGNORECASE)
_ABOVE_PRICE: Final = re.compile(rf"(?:^|\s){_ABOVE}\s*[€$]?\s*{_NUMBER}{_MONEY}\s*$", re.IGNORECASE)
_BETWEEN_PRICE: Final = re.compile(
    rf"(?:^|\s){_BETWEEN}\s*[€$]?\s*{_NUMBER}{_MONEY}\s*(?:and|y|e|und|et|-)\s*[€$]?\s*{_NUMBER}{_MONEY}\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Variant:
    """One way a concept may be written: terms that stand together, how much it counts, and in how many listings."""

    terms: tuple[str, ...]
    weight: float
    listings: int


@dataclass(frozen=True)
class Concept:
    """One thing the query asks for, with the ways to write it. `idf` as of all of them together; `is_known`: listings
    have it as typed."""

    word: str
    variants: tuple[Variant, ...]
    idf: float
    needed: bool = True
    is_known: bool = True

    @property
    def hashes(self) -> tuple[tuple[int, ...], ...]:
        return tuple(tuple(map(hash_of, variant.terms)) for variant in self.variants)


@dataclass(frozen=True)
class Reading:
    """A query understood. `corrected`: typed word -> the word searched as well."""

    concepts: tuple[Concept, ...] = ()
    surface: tuple[str, ...] = ()
    corrected: tuple[tuple[str, str], ...] = ()


def read_prices(text: str) -> tuple[str, str, str]:
    """(the words left, lowest price, highest price): "lamp under 50" asks for a lamp of at most 50."""
    between = _BETWEEN_PRICE.search(text)
    if between:
        return text[: between.start()].strip(), _plain(between.group(1)), _plain(between.group(2))
    below = _BELOW_PRICE.search(text)
    if below:
        return text[: below.start()].strip(), "", _plain(below.group(1))
    above = _ABOVE_PRICE.search(text)
    if above and text[: above.start()].strip():
        return text[: above.start()].strip(), _plain(above.group(1)), ""
    return text, "", ""


def _plain(number: str) -> str:
    return number.replace(",", ".")


@dataclass(frozen=True)
class Lexicon:
    """What reading a query needs to know of the index and of language."""

    schema: tantivy.Schema
    searcher: tantivy.Searcher
    vocabulary: Vocabulary
    synonyms: Synonyms

    def listings_with(self, terms: tuple[str, ...]) -> int:
        return min((self.searcher.doc_freq("everything", term) for term in terms), default=0)


def read_words(text: str, lexicon: Lexicon) -> Reading:
    """The concepts of a query without its price. Bounded by MAX_WORDS words and MAX_VARIANTS ways to write each."""
    text = text[:MAX_QUERY_LENGTH]
    quantities = {match.start(): match for match in QUANTITY.finditer(text)}
    concepts: list[Concept] = []
    corrected: list[tuple[str, str]] = []
    plain = _without_quantities(text, quantities.values(), lexicon, concepts)
    words = split_words(plain)[:MAX_WORDS]
    i = 0
    while i < len(words):
        concept, taken = _concept_at(words, i, lexicon, corrected)
        concepts.append(concept)
        i += taken
    surface = tuple(fold(word) for word in WORD.findall(text.lower()))[:MAX_WORDS]
    if not any(concept.needed for concept in concepts):  # "the who": only small words, so they count
        concepts = [replace(c, needed=True) for c in concepts]
    return Reading(tuple(concepts[:MAX_WORDS]), surface, tuple(corrected))


def _without_quantities(text: str, found: object, lexicon: Lexicon, concepts: list[Concept]) -> str:
    """Numbers with units that some listing has become concepts; the rest stays in the text."""
    left = text
    for match in list(found):  # type: ignore[call-overload]
        term = quantity_term(match.group(1), match.group(2))
        if lexicon.listings_with((term,)):
            concepts.append(_concept(match.group(0), [(1.0, (term,))], lexicon))
            left = left.replace(match.group(0), " ", 1)
    return left


def _concept_at(words: list[str], i: int, lexicon: Lexicon, corrected: list[tuple[str, str]]) -> tuple[Concept, int]:
    """The concept that begins at a word, and how many words it takes."""
    word = words[i]
    following = words[i + 1] if i + 1 < len(words) else ""
    if following:
        taken = _two_words(word, following, lexicon)
        if taken is not None:
            return taken, 2
    ways: list[tuple[float, tuple[str, ...]]] = [(SAME, (term,)) for term in variants_of(word)]
    folded = fold(word)
    correction = lexicon.vocabulary.correction(folded, lexicon.listings_with((variants_of(word)[0],)))
    split = lexicon.vocabulary.split(folded, lexicon.searcher, lexicon.schema)
    if split is not None:
        ways.append((CORRECTION_WEIGHT, tuple(term_of(part, "en") for part in split)))
    elif correction:
        ways += [(CORRECTION_WEIGHT, (term,)) for term in variants_of(correction)]
        corrected.append((word, correction))
    for other in lexicon.synonyms.of(folded):
        ways.append((SYNONYM_WEIGHT, tuple(term_of(part, "en") for part in split_words(other))))
    concept = _concept(word, ways, lexicon, needed=word not in STOP_WORDS)
    return concept, 1


def _two_words(word: str, following: str, lexicon: Lexicon) -> Concept | None:
    """Two words that titles also write as one ("smart watch"), or that have synonyms of their own."""
    joined = fold(word + following)
    others = lexicon.synonyms.of(f"{fold(word)} {fold(following)}")
    is_written_as_one = (
        len(joined) >= 6 and joined.isalpha() and min(len(word), len(following)) >= 3
        and lexicon.vocabulary.frequency(joined) >= 2
    )  # fmt: skip
    if not is_written_as_one and not others:
        return None
    ways: list[tuple[float, tuple[str, ...]]] = [(1.0, (term_of(word, "en"), term_of(following, "en")))]
    if is_written_as_one:
        ways += [(1.0, (term,)) for term in variants_of(joined)]
    ways += [(SYNONYM_WEIGHT, tuple(term_of(part, "en") for part in split_words(other))) for other in others]
    return _concept(f"{word} {following}", ways, lexicon)


def _concept(word: str, ways: list[tuple[float, tuple[str, ...]]], lexicon: Lexicon, *, needed: bool = True) -> Concept:
    """Ways that no listing knows are left out, except the first: a concept nothing has stays one."""
    variants: list[Variant] = []
    for weight, terms in dict.fromkeys(ways):
        listings = lexicon.listings_with(terms)
        if listings and all(variant.terms != terms for variant in variants):
            variants.append(Variant(terms, weight, listings))
    total = lexicon.searcher.num_docs
    n = min(sum(variant.listings for variant in variants), total)
    idf = math.log(1 + (total - n + 0.5) / (n + 0.5))
    if not variants:
        variants = [Variant(ways[0][1], 1.0, 0)]
    return Concept(word, tuple(variants[:MAX_VARIANTS]), idf, needed, is_known=variants[0].weight >= SAME)
