"""Pure rules of screening: which of the rules in force fit some goods."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final, Protocol

from marketplace.screening import Finding, Goods, RuleKind

MAX_WORDS: Final = 200
_WORD: Final = re.compile(r"[^\W_]+")
_GRAVITY: Final = (RuleKind.PROHIBITED, RuleKind.DOCUMENTS, RuleKind.REVIEW)


class Rule(Protocol):
    """A rule as it is kept: for a category and those below it (None: for all), by words (none: whatever they say)."""

    code: str
    kind: str
    version: int
    category_id: str | None
    words: list[str]

    @property
    def title(self) -> str: ...

    @property
    def remedy(self) -> str: ...


def folded(text: str) -> str:
    """Words without case, accents and punctuation, with one space before, between and after them."""
    text = text.casefold()
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return f" {' '.join(_WORD.findall(text))} "


def words_found(words: Sequence[str], text: str) -> tuple[str, ...]:
    """Those of `words` that stand in folded `text` as whole words; one that ends in * also begins longer ones."""
    return tuple(word for word in words if _needle(word) in text)


def _needle(word: str) -> str:
    needle = folded(word)
    return needle[:-1] if word.endswith("*") else needle


def findings(rules: Sequence[Rule], goods: Goods) -> tuple[Finding, ...]:
    """The rules that fit the goods, the gravest first."""
    text, found = folded(goods.text), []
    for rule in rules:
        if rule.category_id not in (None, goods.category, goods.department):
            continue
        words = words_found(rule.words, text)
        if words or not rule.words:
            found.append(Finding(rule.code, rule.version, RuleKind(rule.kind), rule.title, rule.remedy, words))
    return tuple(sorted(found, key=lambda finding: _GRAVITY.index(finding.kind)))
