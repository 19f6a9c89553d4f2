"""Ports of search: who ranks the candidates. analytics implements it; config/wiring.py plugs it in."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Candidate:
    """A retrieved listing: its text relevance (BM25, 0 when browsing) and its features, read from the index.

    Features: rating_hundredths, rating_count, units_sold_30d, click_rate_bp, conversion_bp, promise_kept_bp (-1
    unknown), dispute_rate_bp (-1 unknown), age_days, price_minor, has_photo.
    """

    position: int
    text_score: float
    features: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Factor:
    """One reason for a place in the results: a stable code, what it added to the score, and the value behind it."""

    code: str
    contribution: float
    value: int


@dataclass(frozen=True, slots=True)
class Ranked:
    position: int
    score: float
    factors: tuple[Factor, ...]


class RankingModel(Protocol):
    """Orders candidates and says why. Pure: the same candidates give the same order."""

    @property
    def version(self) -> str: ...

    def rank(self, candidates: Sequence[Candidate]) -> Sequence[Ranked]:
        """All candidates, best first."""
        ...


class TextOnly:
    """What search does when no model is plugged in: text relevance alone."""

    version = "text-only"

    def rank(self, candidates: Sequence[Candidate]) -> Sequence[Ranked]:
        ranked = [
            Ranked(c.position, c.text_score, (Factor("TEXT", math.log1p(c.text_score), 0),)) for c in candidates
        ]  # fmt: skip
        return sorted(ranked, key=lambda r: (-r.score, r.position))


_model: RankingModel = TextOnly()


def plug_ranking_model(model: RankingModel) -> None:
    """Called by config.wiring."""
    global _model
    _model = model


def ranking_model() -> RankingModel:
    return _model
