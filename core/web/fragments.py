"""Small pieces of markup that depend on nothing but their arguments and the language: written once, then remembered."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

from django.utils.translation import get_language

P = ParamSpec("P")
R = TypeVar("R", bound=Hashable)
MOST = 4096


def remembered(write: Callable[P, R]) -> Callable[P, R]:
    """Remember what `write` answers, per language, for its last 4,096 arguments. They must be hashable."""

    @lru_cache(maxsize=MOST, typed=True)  # text that is markup is not the same text
    def known(_language: str | None, *args: P.args, **kwargs: P.kwargs) -> R:
        return write(*args, **kwargs)

    @wraps(write)
    def ask(*args: P.args, **kwargs: P.kwargs) -> R:
        return known(get_language(), *args, **kwargs)  # type: ignore[arg-type]  # unhashable ones raise TypeError

    return ask
