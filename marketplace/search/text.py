"""From text to index terms: folded words, stems by language, Chinese words, numbers with units. The same for listings
and for what people type.

A term of an English text (or one whose language nothing tells) is the plain stem; a term of another language carries
its code (`es:zapat`), so that stems of different languages do not meet by chance. Words with a digit are never stemmed.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

import tantivy

LANGUAGES: Final = {"en": "english", "es": "spanish", "pt": "portuguese", "de": "german", "fr": "french"}

WORD: Final = re.compile(r"[^\W_]+", re.UNICODE)
HAN: Final = re.compile(r"[㐀-鿿]+")
MAX_WORD: Final = 40
MAX_KEPT: Final = 400_000
"""Remembered words per language; above it the memory starts anew."""

_FUNCTION_WORDS: Final = {
    "en": "the and for with of to in is your this from on by that are it you be or as can all",
    "es": "el la los las de del y para con en un una por su es al que se más como sin tu son lo",
    "pt": "o os as do da dos das e para com em um uma por seu sua é ao que não mais como sem são no na",
    "de": "der die das und für mit von in ist ein eine einen den dem des auf zu sich im aus bei als auch nicht oder",
    "fr": "le la les de des du et pour avec en un une par est au aux que dans sur votre plus ce cette ou sans vous",
}
STOP_WORDS: Final = frozenset(
    word for words in _FUNCTION_WORDS.values() for word in words.split()
) - {"on", "as", "can", "all", "no", "son", "die", "mais"}  # fmt: skip
_TELLING: Final = {language: frozenset(words.split()) for language, words in _FUNCTION_WORDS.items()}

_UNITS: Final[dict[str, tuple[str, float]]] = {
    "mb": ("gb", 0.001), "gb": ("gb", 1), "tb": ("gb", 1000), "mg": ("g", 0.001), "g": ("g", 1), "gr": ("g", 1),
    "kg": ("g", 1000), "lb": ("g", 453.6), "lbs": ("g", 453.6), "oz": ("g", 28.35), "ounce": ("g", 28.35),
    "ounces": ("g", 28.35), "ml": ("ml", 1), "cl": ("ml", 10), "l": ("ml", 1000), "litre": ("ml", 1000),
    "liter": ("ml", 1000), "litres": ("ml", 1000), "liters": ("ml", 1000), "litro": ("ml", 1000),
    "litros": ("ml", 1000), "mm": ("mm", 1), "cm": ("mm", 10), "m": ("mm", 1000), "in": ("mm", 25.4),
    "inch": ("mm", 25.4), "inches": ("mm", 25.4), "pulgadas": ("mm", 25.4), "zoll": ("mm", 25.4), '"': ("mm", 25.4),
    "ft": ("mm", 304.8), "feet": ("mm", 304.8), "w": ("w", 1), "watt": ("w", 1), "watts": ("w", 1), "kw": ("w", 1000),
    "v": ("v", 1), "volt": ("v", 1), "mah": ("mah", 1), "ah": ("mah", 1000), "hz": ("hz", 1), "mp": ("mp", 1),
    "megapixel": ("mp", 1), "megapixels": ("mp", 1),
}  # fmt: skip
_DIGIT: Final = re.compile(r"\d")
QUANTITY: Final = re.compile(
    r"(?<![\w.,])(\d{1,6}(?:[.,]\d{1,3})?)[ -]?("
    + "|".join(sorted((re.escape(unit) for unit in _UNITS), key=len, reverse=True))
    + r")(?!\w)",
    re.IGNORECASE,
)


@lru_cache(maxsize=200_000)
def fold(text: str) -> str:
    """Small letters without accents, as the index keeps words."""
    small = text.lower()
    if small.isascii():
        return small
    plain = unicodedata.normalize("NFKD", small)
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).replace("ß", "ss")


def split_words(text: str) -> list[str]:
    """Words in small letters with their accents, in order; Chinese is segmented."""
    words = WORD.findall(text.lower())
    if text.isascii() or not HAN.search(text):
        return words
    return [part for word in words for part in _chinese(word)]


def _chinese(word: str) -> list[str]:
    if not HAN.search(word):
        return [word]
    import jieba  # its dictionary takes most of a second to load: only where somebody writes Chinese

    jieba.setLogLevel(40)
    return [part for part in jieba.cut_for_search(word) if WORD.fullmatch(part)]


def language_of(words: Sequence[str]) -> str:
    """The language a text's function words tell; English when they do not."""
    best, score = "en", 1
    different = set(words)
    for language, telling in _TELLING.items():
        found = len(telling & different)
        if found > score:
            best, score = language, found
    return best


_STEMMERS: dict[str, tantivy.TextAnalyzer] = {}
_terms: dict[str, dict[str, str]] = {language: {} for language in LANGUAGES}


def term_of(word: str, language: str) -> str:
    """The index term of a word (small letters, accents kept) in a language."""
    known = _terms[language]
    term = known.get(word)
    if term is None:
        if len(known) > MAX_KEPT:
            known.clear()
        term = known[word] = _stemmed(word, language)
    return term


def terms_of(words: Iterable[str], language: str) -> list[str]:
    known = _terms[language]
    return [known.get(word) or term_of(word, language) for word in words]


def _stemmed(word: str, language: str) -> str:
    folded = fold(word)[:MAX_WORD]
    if len(folded) < 3 or not word.isalpha() or HAN.search(word):
        return folded
    stems = _stemmer(language).analyze(word[:MAX_WORD])
    stem = fold(stems[0]) if stems else folded
    return stem if language == "en" else f"{language}:{stem}"


def _stemmer(language: str) -> tantivy.TextAnalyzer:
    if language not in _STEMMERS:
        _STEMMERS[language] = (
            tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw())
            .filter(tantivy.Filter.stemmer(LANGUAGES[language])).build()
        )  # fmt: skip
    return _STEMMERS[language]


@lru_cache(maxsize=100_000)
def variants_of(word: str) -> tuple[str, ...]:
    """The terms a typed word may have been stored as, English first: its language is not known."""
    return tuple(dict.fromkeys(term_of(word, language) for language in LANGUAGES))


def quantities_of(text: str) -> list[str]:
    """Numbers with units in one unit each: 1.5 kg and 1500 g are both `#1500g`."""
    if not _DIGIT.search(text):
        return []
    return [quantity_term(number, unit) for number, unit in QUANTITY.findall(text)]


def quantity_term(number: str, unit: str) -> str:
    base, factor = _UNITS[unit.lower()]
    return f"#{float(number.replace(',', '.')) * factor:.4g}{base}"


_hashes: dict[str, int] = {}


def hash_of(term: str) -> int:
    """Sixteen bits of a term: what the index keeps of a listing's words for re-ranking."""
    found = _hashes.get(term)
    if found is None:
        if len(_hashes) > MAX_KEPT:
            _hashes.clear()
        found = _hashes[term] = zlib.crc32(term.encode()) & 0xFFFF
    return found


def hashes_of(terms: Iterable[str]) -> list[int]:
    """`hash_of` for many."""
    known = _hashes.get
    return [found if (found := known(term)) is not None else hash_of(term) for term in terms]
