"""Words that mean the same to shoppers: those shipped with the house and those the operator adds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

from marketplace.search.text import fold

SHIPPED: Final = Path(__file__).with_name("synonyms.txt")
MAX_OTHERS: Final = 6


class Synonyms:
    """Groups of equal words; a word (or two) finds the others of its group."""

    def __init__(self, groups: Iterable[Iterable[str]]) -> None:
        self._others: dict[str, tuple[str, ...]] = {}
        for group in groups:
            words = [fold(word.strip()) for word in group if word.strip()]
            for word in words:
                known = self._others.get(word, ())
                self._others[word] = tuple(dict.fromkeys((*known, *(w for w in words if w != word))))[:MAX_OTHERS]

    def of(self, words: str) -> tuple[str, ...]:
        """Other ways to say it; singular and plural ask the same."""
        found = self._others.get(words)
        if found is None and words.endswith("s"):
            found = self._others.get(words[:-1])
        return found or ()

    def as_mapping(self) -> Mapping[str, tuple[str, ...]]:
        return self._others


@lru_cache(maxsize=1)
def shipped_groups() -> tuple[tuple[str, ...], ...]:
    """The groups of synonyms.txt: one a line, words separated by commas, `#` begins a remark."""
    lines = SHIPPED.read_text(encoding="utf-8").splitlines()
    return tuple(tuple(line.split(",")) for line in lines if line.strip() and not line.startswith("#"))


_shipped: Synonyms | None = None


def synonyms() -> Synonyms:
    """The groups in force in this process."""
    global _shipped
    if _shipped is None:
        _shipped = Synonyms(shipped_groups())
    return _shipped
