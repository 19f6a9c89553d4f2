"""Reads of ranking: the weights in force."""

from __future__ import annotations

from collections.abc import Mapping

from analytics.ranking.models import RankingActivation
from analytics.ranking.rules import DEFAULT_VERSION, DEFAULT_WEIGHTS


def get_active_weights() -> tuple[str, Mapping[str, float]]:
    """(version, weights) in force: the latest activation, or those shipped with the code."""
    latest = RankingActivation.objects.select_related("version").order_by("-id").first()
    if latest is None:
        return DEFAULT_VERSION, DEFAULT_WEIGHTS
    return latest.version.version, latest.version.weights
