"""Pure rules of matching: how alike two titles are."""

from __future__ import annotations

import re
from typing import Final

SIMILAR_PERCENT: Final = 70
"""Titles that share this much of their words are proposed to be the same thing."""


def likeness_percent(one: str, other: str) -> int:
    """Share of the words of two titles that both have (Jaccard), in per cent. Numbers must agree: 250 ml is not 500 ml."""
    left, right = _words(one), _words(other)
    if not left or not right or _numbers(left) != _numbers(right):
        return 0
    return 100 * len(left & right) // len(left | right)


def _words(title: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", title.casefold()))


def _numbers(words: frozenset[str]) -> frozenset[str]:
    return frozenset(word for word in words if any(sign.isdigit() for sign in word))
