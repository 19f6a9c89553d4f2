"""The ranking model: a weighted sum whose parts can be told to the seller and the buyer. Pure functions of values."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, overload

import numpy as np

from core.errors import InvalidInput
from marketplace.contracts import Candidates, Factor, Ranked

DEFAULT_VERSION: Final = "2026-1"
DEFAULT_WEIGHTS: Final[Mapping[str, float]] = {
    "TEXT": 0.40, "RATING": 0.16, "SALES": 0.12, "PROMISE": 0.10, "DISPUTES": 0.08, "CLICKS": 0.04,
    "CONVERSION": 0.05, "FRESH": 0.03, "PHOTO": 0.02,
}  # fmt: skip
"""Shipped weights: what was searched for comes first, then proven quality and service, then popularity."""

CODES: Final = tuple(DEFAULT_WEIGHTS)

PRIOR_RATING: Final = 420
PRIOR_RATINGS: Final = 8
"""A listing counts as if it also had eight ratings of 4.2: a single five does not beat a hundred fours and a half."""
SALES_FULL: Final = 50
"""Pieces in 30 days that earn the whole of SALES; the first ones count most (logarithm)."""
PRIOR_PROMISE_BP: Final = 9_000
PRIOR_CLICK_BP: Final = 300
CLICK_FULL_BP: Final = 1_500
PRIOR_CONVERSION_BP: Final = 200
CONVERSION_FULL_BP: Final = 1_500
DISPUTES_FULL_BP: Final = 1_000
FRESH_DAYS: Final = 30
SMOOTHING_IMPRESSIONS: Final = 50
SMOOTHING_VIEWS: Final = 40
_SALES: Final = tuple(math.log1p(units) / math.log1p(SALES_FULL) for units in range(SALES_FULL))
_VALUES: Final = {
    "RATING": "rating_hundredths", "SALES": "units_sold_30d", "PROMISE": "promise_kept_bp",
    "DISPUTES": "dispute_rate_bp", "CLICKS": "click_rate_bp", "CONVERSION": "conversion_bp", "FRESH": "age_days",
    "PHOTO": "has_photo",
}  # fmt: skip


class InvalidWeights(InvalidInput):
    code = "invalid_weights"
    message = "These weights cannot rank."
    remedy = "Give every factor a weight from 0 to 1; together they make 1."


def check_weights(weights: Mapping[str, float]) -> None:
    """Raises InvalidWeights unless all factors are there, within 0 and 1, and sum to 1."""
    numbers = list(weights.values())
    if set(weights) != set(CODES) or not all(0 <= n <= 1 for n in numbers):
        raise InvalidWeights()
    if not math.isclose(math.fsum(numbers), 1.0, abs_tol=1e-6):
        raise InvalidWeights()


def smoothed_bp(events: int, chances: int, *, prior_bp: int, smoothing: int) -> int:
    """A rate in basis points as if `smoothing` more chances had gone as usual: few observations say little."""
    return round((events * 10_000 + prior_bp * smoothing) / (chances + smoothing))


def click_rate_bp(clicks: int, impressions: int) -> int:
    return smoothed_bp(clicks, max(impressions, clicks), prior_bp=PRIOR_CLICK_BP, smoothing=SMOOTHING_IMPRESSIONS)


def conversion_bp(orders: int, views: int) -> int:
    return smoothed_bp(orders, max(views, orders), prior_bp=PRIOR_CONVERSION_BP, smoothing=SMOOTHING_VIEWS)


class RankedResults(Sequence[Ranked]):
    """Candidates in order; the factors of a place are worked out when it is looked at, since a page shows a few of
    hundreds."""

    def __init__(
        self, candidates: Candidates, scores: Sequence[float], order: Sequence[int], weights: Mapping[str, float]
    ) -> None:
        self._candidates = candidates
        self._scores = scores
        self._order = order
        self._weights = weights
        self._best_text = max(candidates.text_scores, default=0.0)

    def __len__(self) -> int:
        return len(self._order)

    @overload
    def __getitem__(self, index: int) -> Ranked: ...

    @overload
    def __getitem__(self, index: slice) -> list[Ranked]: ...

    def __getitem__(self, index: int | slice) -> Ranked | list[Ranked]:
        if isinstance(index, slice):
            return [self._ranked(position) for position in self._order[index]]
        return self._ranked(self._order[index])

    def _ranked(self, position: int) -> Ranked:
        features = {name: int(column[position]) for name, column in self._candidates.features.items()}
        text = self._candidates.text_scores[position]
        return Ranked(position, self._scores[position], factors_of(features, text, self._weights, self._best_text))


def rank(candidates: Candidates, weights: Mapping[str, float]) -> RankedResults:
    """All candidates, best first. Equal scores stand in order of position, so that the same input always gives the
    same order."""
    scores = scores_of(candidates, weights)
    order = [int(position) for position in np.argsort(-np.array(scores), kind="stable")]
    return RankedResults(candidates, scores, order, weights)


def scores_of(candidates: Candidates, weights: Mapping[str, float]) -> list[float]:
    """What `parts_of` says of each candidate, weighed and summed; for all of them at once."""
    if not len(candidates):
        return []
    names = {"rating_hundredths", "rating_count", *_VALUES.values()}
    column = {name: np.asarray(candidates.features[name], dtype=np.float64) for name in names}
    best_text = max(candidates.text_scores)
    count = column["rating_count"]
    average = (column["rating_hundredths"] * count + PRIOR_RATING * PRIOR_RATINGS) / (count + PRIOR_RATINGS)
    span = np.where(average >= PRIOR_RATING, 500 - PRIOR_RATING, PRIOR_RATING - 100)
    kept, sold = column["promise_kept_bp"], column["units_sold_30d"]
    promise = (np.minimum(kept, 10_000) - PRIOR_PROMISE_BP) / np.where(
        kept >= PRIOR_PROMISE_BP, 10_000 - PRIOR_PROMISE_BP, PRIOR_PROMISE_BP
    )
    text = np.asarray(candidates.text_scores)
    parts = {
        "TEXT": text / best_text if best_text > 0 else np.zeros_like(text),
        "RATING": np.where(count > 0, (average - PRIOR_RATING) / span, 0.0),
        "SALES": np.minimum(np.log1p(sold) / math.log1p(SALES_FULL), 1.0),
        "PROMISE": np.where(kept >= 0, promise, 0.0),
        "DISPUTES": -np.clip(column["dispute_rate_bp"] / DISPUTES_FULL_BP, 0.0, 1.0),
        "CLICKS": np.clip((column["click_rate_bp"] - PRIOR_CLICK_BP) / (CLICK_FULL_BP - PRIOR_CLICK_BP), 0.0, 1.0),
        "CONVERSION": np.clip(
            (column["conversion_bp"] - PRIOR_CONVERSION_BP) / (CONVERSION_FULL_BP - PRIOR_CONVERSION_BP), 0.0, 1.0
        ),
        "FRESH": np.clip(1.0 - np.maximum(column["age_days"], 0) / FRESH_DAYS, 0.0, 1.0),
        "PHOTO": (column["has_photo"] > 0).astype(float),
    }  # fmt: skip
    total: Any = np.round(sum(weights.get(code, 0.0) * part for code, part in parts.items()), 12)
    return [float(score) for score in total]


def parts_of(features: Mapping[str, int], text_score: float, best_text: float) -> tuple[float, ...]:
    """What each factor is worth before its weight, in the order of CODES; each within -1 and 1."""
    count, age = features["rating_count"], features["age_days"]
    clicks, conversion = features["click_rate_bp"], features["conversion_bp"]
    return (
        text_score / best_text if best_text > 0 else 0.0,
        rating_part(features["rating_hundredths"], count) if count else 0.0,
        sales_part(features["units_sold_30d"]),
        promise_part(features["promise_kept_bp"]),
        disputes_part(features["dispute_rate_bp"]),
        _above(clicks, PRIOR_CLICK_BP, CLICK_FULL_BP) if clicks > PRIOR_CLICK_BP else 0.0,
        _above(conversion, PRIOR_CONVERSION_BP, CONVERSION_FULL_BP) if conversion > PRIOR_CONVERSION_BP else 0.0,
        fresh_part(age) if age < FRESH_DAYS else 0.0,
        1.0 if features["has_photo"] else 0.0,
    )


def factors_of(
    features: Mapping[str, int], text_score: float, weights: Mapping[str, float], best_text: float
) -> tuple[Factor, ...]:
    """What each factor adds; those that add nothing are left out, except that a missing rating is said."""
    factors = [
        Factor(code, weights.get(code, 0.0) * part, features.get(_VALUES.get(code, ""), 0))
        for code, part in zip(CODES, parts_of(features, text_score, best_text), strict=True)
        if part
    ]
    if not features["rating_count"]:
        factors.append(Factor("NO_RATING", 0.0, 0))
    return tuple(factors)


def rating_part(hundredths: int, count: int) -> float:
    """Bayesian average against the prior, -1 to 1 around it: below it pulls down, above it lifts."""
    average = (hundredths * count + PRIOR_RATING * PRIOR_RATINGS) / (count + PRIOR_RATINGS)
    span = 500 - PRIOR_RATING if average >= PRIOR_RATING else PRIOR_RATING - 100
    return (average - PRIOR_RATING) / span


def sales_part(units: int) -> float:
    """0 to 1 by the logarithm of the pieces sold."""
    return _SALES[units] if 0 <= units < SALES_FULL else float(units > 0)


def promise_part(kept_bp: int) -> float:
    """Around the usual share, -1 to 1; unknown (-1) counts as usual."""
    if kept_bp < 0:
        return 0.0
    span = 10_000 - PRIOR_PROMISE_BP if kept_bp >= PRIOR_PROMISE_BP else PRIOR_PROMISE_BP
    return (min(kept_bp, 10_000) - PRIOR_PROMISE_BP) / span


def disputes_part(rate_bp: int) -> float:
    """0 to -1: disputes only pull down."""
    return -min(rate_bp / DISPUTES_FULL_BP, 1.0) if rate_bp > 0 else 0.0


def fresh_part(age_days: int) -> float:
    """A start for newcomers that is gone after FRESH_DAYS."""
    return max(0.0, 1.0 - max(age_days, 0) / FRESH_DAYS)


def _above(value: int, usual: int, full: int) -> float:
    """What a rate has above the usual one, up to 1."""
    return min((value - usual) / (full - usual), 1.0)
