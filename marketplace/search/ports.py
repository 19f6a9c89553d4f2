"""Ports of search: who ranks the candidates. analytics implements it; config/wiring.py plugs it in."""

from __future__ import annotations

import math
from collections.abc import Sequence

from marketplace.contracts import Candidates, Factor, Ranked, RankingModel

__all__ = ["Candidates", "Factor", "Ranked", "RankingModel", "TextOnly", "plug_ranking_model", "ranking_model"]


class TextOnly:
    """What search does when no model is plugged in: text relevance alone."""

    version = "text-only"

    def rank(self, candidates: Candidates) -> Sequence[Ranked]:
        ranked = [
            Ranked(position, score, (Factor("TEXT", math.log1p(score), 0),))
            for position, score in enumerate(candidates.text_scores)
        ]
        return sorted(ranked, key=lambda r: (-r.score, r.position))


_model: RankingModel = TextOnly()


def plug_ranking_model(model: RankingModel) -> None:
    """Called by config.wiring."""
    global _model
    _model = model


def ranking_model() -> RankingModel:
    return _model
