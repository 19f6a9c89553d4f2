"""Words that mean the same to shoppers: those shipped with the house and those the operator adds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Final

import structlog
from django.db import DatabaseError

from marketplace.search.models import SynonymGroup
from marketplace.search.text import fold

log = structlog.get_logger(__name__)

SHIPPED: Final = Path(__file__).with_name("synonyms.txt")
MAX_OTHERS: Final = 6
MAX_GROUPS: Final = 2_000
REFRESH_SECONDS: Final = 30.0


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


@lru_cache(maxsize=1)
def shipped_groups() -> tuple[tuple[str, ...], ...]:
    """The groups of synonyms.txt: one a line, words separated by commas, `#` begins a remark."""
    lines = SHIPPED.read_text(encoding="utf-8").splitlines()
    return tuple(tuple(line.split(",")) for line in lines if line.strip() and not line.startswith("#"))


class SynonymsInForce:
    """Shipped and the operator's groups. The latter are read at most every REFRESH_SECONDS by a process; while the
    database does not answer, the last known ones stay."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._read_at: float | None = None
        self._known = Synonyms(shipped_groups())
        self._reading = threading.Lock()

    def get(self) -> Synonyms:
        moment = self._monotonic()
        is_due = self._read_at is None or moment - self._read_at >= REFRESH_SECONDS
        if is_due and self._reading.acquire(blocking=False):
            try:
                self._read_at = moment
                self._known = Synonyms([*operator_groups(), *shipped_groups()])
            except DatabaseError:
                log.warning("synonyms_not_read", exc_info=True)
            finally:
                self._reading.release()
        return self._known

    def reset(self) -> None:
        """Read again at the next question."""
        self._read_at = None


def operator_groups() -> list[tuple[str, ...]]:
    """The operator's groups in use, at most MAX_GROUPS."""
    rows = SynonymGroup.objects.filter(is_active=True).values_list("words", flat=True)[:MAX_GROUPS]
    return [tuple(words.split(",")) for words in rows]


in_force = SynonymsInForce()


def synonyms() -> Synonyms:
    """The groups in force in this process."""
    return in_force.get()
