"""The door of analytics: what the edges may ask for. Ids and contracts in, contracts out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from analytics.contracts import Overview
from analytics.metrics import services as metrics
from analytics.ranking import services as ranking
from analytics.ranking.linear import LinearRanking
from analytics.reports import selectors as reports
from analytics.signals import services as signal_writes
from analytics.signals.sinks import DirectSink, QueueSink
from core.signals import Signal, SignalSink
from marketplace.contracts import RankingModel


def store_signals(signals: Sequence[Signal], now: datetime) -> int:
    """Store signals at once (simulated worlds, tests); returns how many were good."""
    return signal_writes.store_signals(signals=signals, now=now)


def roll_up(now: datetime) -> int:
    """Add new signals to the daily figures, each once. Needs committed signals; call it outside of transactions."""
    return metrics.roll_up(now=now)


def compute_listing_signals(now: datetime, listing_ids: Iterable[UUID] | None = None) -> int:
    """Recompute what ranking knows of listings (default: all published); returns how many changed in the index."""
    return ranking.compute_listing_signals(now=now, listing_ids=listing_ids)


def overview(seller_id: UUID, days: int, now: datetime) -> Overview:
    """A seller's figures of the last `days` days. The caller checks who asks."""
    return reports.get_overview(seller_id=seller_id, days=days, now=now)


def ranking_model() -> RankingModel:
    """The model that orders search results, for config.wiring."""
    return LinearRanking()


def signal_sink(*, direct: bool) -> SignalSink:
    """Where pages leave their signals: the table at once (`direct`) or the queue in Valkey."""
    return DirectSink() if direct else QueueSink()
