"""Behaviour signals: what people looked at and clicked. Many, cheap, and not business facts.

Pages call `emit`; an implementation (analytics) buffers them outside of the request's transaction. Losing some loses no
money, so `emit` never raises and never blocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

import structlog

log = structlog.get_logger(__name__)

SEARCHED = "products_searched"
IMPRESSION = "product_listed"
CLICKED = "product_clicked"
VIEWED = "product_viewed"
ADDED_TO_CART = "product_added"
CHECKOUT_STARTED = "checkout_started"


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing a visitor did. `anon_id` is a random visit id, never a person's; `query_id` joins a search's signals."""

    name: str
    occurred_at: datetime
    anon_id: str = ""
    organisation_id: UUID | None = None
    listing_id: UUID | None = None
    seller_id: UUID | None = None
    query_id: UUID | None = None
    query_text: str = ""
    position: int | None = None


class SignalSink(Protocol):
    """Takes signals away quickly."""

    def take(self, signals: Sequence[Signal]) -> None: ...


class _Nowhere:
    def take(self, signals: Sequence[Signal]) -> None:
        """Without an implementation signals are dropped."""


_sink: SignalSink = _Nowhere()


def plug_signal_sink(sink: SignalSink) -> None:
    """Called by config.wiring."""
    global _sink
    _sink = sink


def emit(*signals: Signal) -> None:
    """Hand signals to the sink; a failing sink is logged and forgotten."""
    try:
        _sink.take(signals)
    except Exception:
        log.warning("signals_dropped", count=len(signals), exc_info=True)
