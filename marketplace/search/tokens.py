"""What re-ranking needs of a listing's text, as the index stores it: hashes of its title and body in order, and what
follows each title word (so that "case for a laptop" can be told from "laptop").

Layout, unsigned 16-bit in the machine's order (an index never leaves its node): title length, body length, title hashes,
surface hashes of the title, classes of the title's words, body hashes.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from struct import Struct
from typing import Any, Final

import numpy as np

from marketplace.search.text import HAN, fold, hashes_of, language_of, quantities_of, split_words, terms_of

MAX_TITLE: Final = 32
MAX_BODY: Final = 220
MAX_TEXT: Final = 3_000
"""Letters of a description that are searched by re-ranking; all of it is searched by retrieval."""

_PIECE: Final = re.compile(r"[^\W_]+|[^\w\s]", re.UNICODE)
_COLOURS: Final = frozenset(
    [
        "black",
        "white",
        "red",
        "blue",
        "green",
        "yellow",
        "gray",
        "grey",
        "silver",
        "gold",
        "pink",
        "purple",
        "brown",
        "orange",
        "beige",
        "metallic",
        "transparent",
        "navy",
        "negro",
        "blanco",
        "rojo",
        "azul",
        "verde",
        "amarillo",
        "gris",
        "plata",
        "rosa",
        "marrón",
        "schwarz",
        "weiß",
        "rot",
        "blau",
        "grün",
        "grau",
        "noir",
        "blanc",
        "rouge",
        "preto",
        "branco",
        "vermelho",
        "cinza",
    ]
)
_LINKS: Final = frozenset(
    [
        "for",
        "with",
        "to",
        "of",
        "by",
        "in",
        "w",
        "compatible",
        "fits",
        "from",
        "and",
        "para",
        "con",
        "de",
        "por",
        "en",
        "com",
        "für",
        "mit",
        "von",
        "pour",
        "avec",
    ]
)


class Follows(IntEnum):
    """What comes after a title word: another word, an end (comma, number, colour), a link word; or it is one."""

    WORD = 0
    END = 1
    LINK = 2
    IS_LINK = 3


@dataclass(frozen=True)
class ListingText:
    """A listing's text as terms: for the inverted index, and packed for re-ranking."""

    title: str
    everything: str
    words: str
    packed: bytes


def listing_text(title: str, body: str, extra: str = "") -> ListingText:
    """Terms of a listing. `extra`: short text searched as the body is, in whatever language (names, values)."""
    title_words, body_words = split_words(title), split_words(body)
    language = language_of(title_words + body_words)
    title_terms, body_terms = terms_of(title_words, language), terms_of(body_words, language)
    extra_terms = terms_of(split_words(extra), language)
    sizes, more = quantities_of(title), quantities_of(body) + quantities_of(extra)
    everything = [*title_terms, *sizes, *extra_terms, *body_terms, *more]
    surface = [fold(word) for word in title_words]
    return ListingText(
        title=" ".join(title_terms + sizes), everything=" ".join(everything), words=" ".join(surface),
        packed=_pack(
            title_terms[:MAX_TITLE], surface[:MAX_TITLE], classes_of(title)[:MAX_TITLE],
            (sizes + extra_terms + body_terms + more)[:MAX_BODY],
        ),
    )  # fmt: skip


def classes_of(title: str) -> list[int]:
    """For each word of a title what follows it, in the order `split_words` gives them."""
    if not title.isascii() and HAN.search(title):
        return [int(Follows.WORD)] * len(split_words(title))
    pieces = _PIECE.findall(title.lower())
    classes = []
    for i, piece in enumerate(pieces):
        if not piece[0].isalnum():
            continue
        after = pieces[i + 1] if i + 1 < len(pieces) else ""
        if piece in _LINKS:
            classes.append(Follows.IS_LINK)
        elif not after or not after[0].isalnum() or after in _COLOURS or not after.isalpha():
            classes.append(Follows.END)
        else:
            classes.append(Follows.LINK if after in _LINKS else Follows.WORD)
    return [int(c) for c in classes]


def _pack(title: Sequence[str], surface: Sequence[str], classes: Sequence[int], body: Sequence[str]) -> bytes:
    size = min(len(title), len(surface), len(classes))
    values = [
        size, len(body), *hashes_of(title[:size]), *hashes_of(surface[:size]), *classes[:size],
        *hashes_of(body),
    ]  # fmt: skip
    return array("H", values).tobytes()


_HEAD: Final = Struct("HH")


def packed_size(buffer: Any, place: int) -> int:
    """Bytes of the packed text that begins at `place`."""
    title, body = _HEAD.unpack_from(buffer, place)
    return 2 * (2 + 3 * int(title) + int(body))


EMPTY: Final = 65_536


@dataclass(frozen=True)
class TextTable:
    """The packed texts of some listings: titles as padded matrices (EMPTY where one has ended), bodies as one long row of
    hashes with the listing each belongs to."""

    title: Any
    surface: Any
    classes: Any
    title_lengths: Any
    body_lengths: Any
    body: Any
    body_row: Any

    def count_in_bodies(self, value: int) -> Any:
        """How often a hash stands in each body."""
        return np.bincount(self.body_row[self.body == value], minlength=len(self.title_lengths))


def unpack(packed: Sequence[bytes]) -> TextTable:
    """One row for each packed text. Vectorised: some hundred rows take a fraction of a millisecond."""
    flat = np.frombuffer(b"".join(packed), dtype=np.uint16)
    sizes = np.array([len(p) // 2 for p in packed], dtype=np.int64)
    starts = np.cumsum(sizes) - sizes
    title_lengths, body_lengths = flat[starts].astype(np.int64), flat[starts + 1].astype(np.int64)
    columns = np.arange(int(title_lengths.max(initial=1)))
    inside = columns[None, :] < title_lengths[:, None]

    def part(offsets: Any) -> Any:
        where = np.where(inside, (starts + 2 + offsets)[:, None] + columns[None, :], 0)
        return np.where(inside, flat[where].astype(np.int32), EMPTY)

    rows = np.repeat(np.arange(len(packed)), sizes)
    is_body = np.arange(len(flat)) >= (starts + 2 + 3 * title_lengths)[rows]
    return TextTable(
        title=part(np.zeros_like(starts)), surface=part(title_lengths), classes=part(2 * title_lengths),
        title_lengths=title_lengths, body_lengths=body_lengths, body=flat[is_body], body_row=rows[is_body],
    )  # fmt: skip
