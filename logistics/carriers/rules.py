"""When a carrier may be called: a budget of calls (token bucket) and a breaker that gives a failing carrier a rest. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

FAILURES_TO_OPEN: Final = 5
FIRST_REST: Final = timedelta(seconds=30)
LONGEST_REST: Final = timedelta(minutes=30)
DEFAULT_CALLS_PER_MINUTE: Final = 600


@dataclass(frozen=True, slots=True)
class Health:
    """How a carrier has answered lately. `tokens` are calls left, in thousandths, as of `tokens_at`."""

    failures: int
    rest_until: datetime | None
    tokens: int
    tokens_at: datetime

    def is_resting(self, now: datetime) -> bool:
        return self.rest_until is not None and now < self.rest_until


def refilled(health: Health, *, calls_per_minute: int, now: datetime) -> Health:
    """The budget as of `now`: it fills evenly and holds at most a minute's calls."""
    seconds = max((now - health.tokens_at).total_seconds(), 0.0)
    tokens = min(health.tokens + int(seconds * calls_per_minute * 1000 / 60), calls_per_minute * 1000)
    return replace(health, tokens=tokens, tokens_at=max(now, health.tokens_at))


def called(health: Health) -> Health | None:
    """After one call; None when the budget is used up."""
    return replace(health, tokens=health.tokens - 1000) if health.tokens >= 1000 else None


def succeeded(health: Health) -> Health:
    return replace(health, failures=0, rest_until=None)


def failed(health: Health, now: datetime) -> Health:
    """One failure more: from the fifth in a row on the carrier rests, each time twice as long; after a rest one call tries."""
    failures = health.failures + 1
    if failures < FAILURES_TO_OPEN:
        return replace(health, failures=failures)
    rest = min(FIRST_REST * 2 ** min(failures - FAILURES_TO_OPEN, 10), LONGEST_REST)
    return replace(health, failures=failures, rest_until=now + rest)
