"""Implementations of core.signals.SignalSink: the queue for living pages, the table itself for tests and demo worlds."""

from __future__ import annotations

import atexit
import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from analytics.signals import queue, services
from analytics.signals.rules import Envelope, encode
from core.clock import utc_now
from core.ids import new_id
from core.signals import Signal

log = structlog.get_logger(__name__)

BUFFER: Final = 5_000
"""Signals held by a process at most; when Valkey is slower than that, the oldest are dropped."""
BATCH: Final = 500
PAUSE_SECONDS: Final = 0.25


class QueueSink:
    """Buffers in the process; a thread of its own pushes to Valkey, away from the request and its transaction."""

    def __init__(self, push: Callable[[Sequence[str]], None] = queue.push, *, size: int = BUFFER) -> None:
        self._push = push
        self._buffer: deque[Envelope] = deque(maxlen=size)
        self._thread_of = 0
        self._starting = threading.Lock()

    def take(self, signals: Sequence[Signal]) -> None:
        """Keep the signals for the thread; never blocks on anything outside of the process."""
        self._buffer.extend(Envelope(new_id(), signal) for signal in signals)
        if self._thread_of != os.getpid():
            self._start()

    def push_buffered(self) -> int:
        """Push all that is buffered now; returns how many left. A batch that fails is dropped, not repeated."""
        total = 0
        while batch := self._next_batch():
            try:
                self._push([encode(envelope) for envelope in batch])
                total += len(batch)
            except Exception:
                log.warning("signals_dropped", count=len(batch), exc_info=True)
                break
        return total

    def _next_batch(self) -> list[Envelope]:
        batch: list[Envelope] = []
        while len(batch) < BATCH:
            try:
                batch.append(self._buffer.popleft())
            except IndexError:
                break
        return batch

    def _start(self) -> None:
        """One thread for each process; after a fork the child starts its own."""
        with self._starting:
            if self._thread_of == os.getpid():
                return
            self._thread_of = os.getpid()
            threading.Thread(target=self._run, name="signals", daemon=True).start()
            atexit.register(self.push_buffered)

    def _run(self) -> None:
        pause = threading.Event()
        while not pause.wait(PAUSE_SECONDS):
            self.push_buffered()


class DirectSink:
    """Stores at once, in the caller's transaction."""

    def take(self, signals: Sequence[Signal]) -> None:
        if signals:
            services.store_signals(signals=signals, now=utc_now())
