"""The list in Valkey between pages and the table. Losing it loses no money: writers drop, they do not wait."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, cast

import redis
from django.conf import settings

KEY: Final = "lonja:signals"
MAX_LENGTH: Final = 200_000
TIMEOUT_SECONDS: Final = 1.0


@lru_cache(maxsize=1)
def _client() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
    )


def push(texts: Sequence[str]) -> None:
    """Add texts at the end; what goes beyond MAX_LENGTH is dropped. One round trip. Raises redis.RedisError."""
    pipeline = _client().pipeline(transaction=False)
    pipeline.rpush(KEY, *texts)
    pipeline.ltrim(KEY, 0, MAX_LENGTH - 1)
    pipeline.execute()


def peek(count: int) -> list[str]:
    """The oldest `count` texts; they stay until `forget`."""
    found = cast("list[bytes]", _client().lrange(KEY, 0, count - 1))
    return [text.decode(errors="replace") for text in found]


def forget(count: int) -> None:
    """Remove the oldest `count` texts: they are stored."""
    _client().ltrim(KEY, count, -1)
