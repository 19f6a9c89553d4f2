"""Pure rules of screening: which of the rules in force fit some goods."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final, Protocol

from marketplace.screening import Finding, Goods, RuleKind

MAX_WORDS: Final = 200
_WORD: Final = re.compile(r"[^\W_]+")
_TO_SPACES: Final = {code: " " for code in range(128) if not chr(code).isalnum()}
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
    if text.isascii():
        return f" {' '.join(text.translate(_TO_SPACES).split())} "
    text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return f" {' '.join(_WORD.findall(text))} "


def needle_of(word: str) -> str:
    """What is looked for in folded text: the whole word; of one that ends in * the beginning."""
    needle = folded(word)
    return needle[:-1] if word.endswith("*") else needle


class Rulebook:
    """Rules made ready to be asked about many goods."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = [(rule, [(word, needle_of(word)) for word in rule.words]) for rule in rules]
        needles = [(word, needle) for _rule, pairs in self._rules for word, needle in pairs]
        self._beginnings = tuple(needle for word, needle in needles if word.endswith("*"))
        self._firsts = {needle.split()[0] for word, needle in needles if not word.endswith("*")}

    def findings(self, goods: Goods) -> tuple[Finding, ...]:
        """The rules that fit the goods, the gravest first."""
        text, found = folded(goods.text), []
        has_words = not self._firsts.isdisjoint(text.split()) or any(one in text for one in self._beginnings)
        for rule, pairs in self._rules:
            if rule.category_id not in (None, goods.category, goods.department) or (pairs and not has_words):
                continue
            words = tuple(word for word, needle in pairs if needle in text)
            if words or not pairs:
                found.append(Finding(rule.code, rule.version, RuleKind(rule.kind), rule.title, rule.remedy, words))
        return tuple(sorted(found, key=lambda finding: _GRAVITY.index(finding.kind)))
