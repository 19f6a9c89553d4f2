"""The shared cache: Django's, with its client kept (building one for every call costs more than the call)."""

from __future__ import annotations

from typing import Any

from django.core.cache import cache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient


class KeptClient(RedisCacheClient):
    """One thread-safe client for each server, over the same pool of connections."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._kept: dict[int, Any] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        index: int = self._get_connection_pool_index(write)  # type: ignore[attr-defined]
        client = self._kept.get(index)
        if client is None:
            client = self._kept[index] = super().get_client(key, write=write)
        return client

    def count(self, key: Any, seconds: int) -> int:
        """Add one to a counter that lives `seconds` from its first use, in one round trip."""
        pipeline = self.get_client(key, write=True).pipeline(transaction=False)
        pipeline.incr(key)
        pipeline.expire(key, seconds, nx=True)
        return int(pipeline.execute()[0])


class SharedCache(RedisCache):
    """The cache of web and worker processes."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = KeptClient

    def count(self, key: str, *, seconds: int) -> int:
        """Add one to a counter that lives `seconds` from its first use; returns the new number."""
        return int(self._cache.count(self.make_and_validate_key(key), seconds))  # type: ignore[attr-defined]


def count(key: str, *, seconds: int) -> int:
    """This call's number among the calls with this key within `seconds` of the first one."""
    shared = getattr(cache, "count", None)
    if shared is not None:
        return int(shared(key, seconds=seconds))
    cache.add(key, 0, seconds)
    try:
        return int(cache.incr(key))
    except ValueError:  # a full cache forgets at once
        return 1
