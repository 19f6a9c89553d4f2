"""LinearRanking: the implementation of the marketplace's RankingModel port."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import structlog
from django.db import DatabaseError

from analytics.ranking import rules
from analytics.ranking.selectors import get_active_weights
from marketplace.contracts import Candidates, Ranked

log = structlog.get_logger(__name__)

REFRESH_SECONDS: Final = 30.0


class LinearRanking:
    """Ranks by the weights in force. They are read at most every REFRESH_SECONDS by a process, not for each search;
    while the database does not answer, the last known ones stay."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._read_at: float | None = None
        self._active: tuple[str, Mapping[str, float]] = (rules.DEFAULT_VERSION, rules.DEFAULT_WEIGHTS)
        self._reading = threading.Lock()

    @property
    def version(self) -> str:
        """The version in force."""
        return self._weights()[0]

    def rank(self, candidates: Candidates) -> Sequence[Ranked]:
        """All candidates, best first, each with what its factors add."""
        return rules.rank(candidates, self._weights()[1])

    def published_weights(self) -> list[tuple[str, float]]:
        """(factor code, weight), the heaviest first, for the page about ranking."""
        return sorted(self._weights()[1].items(), key=lambda pair: -pair[1])

    def reset(self) -> None:
        """Read the weights again at the next question."""
        self._read_at = None

    def _weights(self) -> tuple[str, Mapping[str, float]]:
        moment = self._monotonic()
        if (self._read_at is None or moment - self._read_at >= REFRESH_SECONDS) and self._reading.acquire(
            blocking=False
        ):
            try:
                self._read_at = moment
                self._active = get_active_weights()
            except DatabaseError:
                log.warning("ranking_weights_not_read", exc_info=True)
            finally:
                self._reading.release()
        return self._active
