"""Re-exports the models of the slices so that Django finds them."""

from analytics.metrics.models import BehaviourDay, DirtyListing, OrderFact, RollUpPosition, SalesDay
from analytics.ranking.models import RankingActivation, RankingVersion
from analytics.signals.models import QuarantinedSignal, StoredSignal

__all__ = [
    "BehaviourDay",
    "DirtyListing",
    "OrderFact",
    "QuarantinedSignal",
    "RankingActivation",
    "RankingVersion",
    "RollUpPosition",
    "SalesDay",
    "StoredSignal",
]
