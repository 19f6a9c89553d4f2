"""Training and using the promise model: LightGBM quantiles of the days a journey takes over its lane's usual days.

LightGBM is imported when it is first needed: a machine without it (or without libgomp) falls back to the lane's own
quantiles, which the same corrections keep honest.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from logistics.promises.features import NAMES, Journey, Memory, column, group_of, log_days_of, walk
from logistics.promises.rules import Flags, Floats, Outcomes, corrections

LATE, EARLY = 0.9, 0.1
ROUNDS: Final = 250
SEEDS: Final = (7, 11)
MIN_ROWS: Final = 400
UNSEEN_DAYS: Final = 45.0
"""Orders this close to the end of a file of delivered orders are not trained on: the slow ones among them are missing."""
LARGE_GROUP_SHARE: Final = 0.03
TREES_SHARE: Final = 0.75
"""The trees' ratio is pulled towards 1 a little: what they learned of a season does not all hold in the next."""
BANDWIDTH_DAYS: Final = 7.0
GROUP_STRENGTH: Final = 50.0
PARAMETERS: Final[dict[str, Any]] = {
    "objective": "quantile", "learning_rate": 0.04, "num_leaves": 15, "min_data_in_leaf": 60, "feature_fraction": 0.6,
    "bagging_fraction": 0.8, "bagging_freq": 1, "lambda_l2": 5.0, "verbose": -1, "num_threads": 1, "deterministic": True,
}  # fmt: skip


class LearningUnavailable(RuntimeError):
    """LightGBM cannot be loaded on this machine."""


@dataclass(frozen=True, slots=True)
class Table:
    """Journeys sorted by order, with their features as of then."""

    journeys: tuple[Journey, ...]
    rows: Floats
    ordered: Floats
    delivered: Floats
    days: Floats

    @property
    def base(self) -> Floats:
        """The lane's usual days."""
        return np.exp(column(self.rows, "log_base"))


def tabulate(journeys: Iterable[Journey], memory: Memory | None = None) -> Table:
    """Sort and walk; `memory` keeps what was learned for journeys to come."""
    chosen = tuple(sorted(journeys, key=lambda journey: journey.ordered))
    rows = np.array(list(walk(chosen, memory or Memory())), dtype=float).reshape(-1, len(NAMES))
    ordered = np.array([journey.ordered for journey in chosen])
    delivered = np.array([journey.delivered for journey in chosen])
    return Table(chosen, rows, ordered, delivered, delivered - ordered)


@dataclass(slots=True)
class PromiseModel:
    """Predicted days = the lane's usual days x the trees' ratio x the lane group's correction of the day."""

    large_groups: frozenset[str] = frozenset()
    trees: dict[str, list[str]] = field(default_factory=dict)
    _boosters: dict[str, list[Any]] = field(default_factory=dict, repr=False)

    def predict(self, rows: Floats, *, quantile: float = LATE) -> Floats:
        """Days at `quantile` before corrections. Without trees, or where LightGBM is missing, the lane's usual days."""
        base = np.exp(column(rows, "log_base"))
        try:
            boosters = self._load(f"{quantile}")
        except LearningUnavailable:
            return base
        if not boosters:
            return base
        ratio = sum(np.asarray(booster.predict(rows, num_threads=1)) for booster in boosters) / len(boosters)
        return np.maximum(base * ratio**TREES_SHARE, 0.25)

    def group(self, journey: Journey) -> str:
        return group_of(journey, self.large_groups)

    def groups(self, journeys: Sequence[Journey]) -> Any:
        return np.array([self.group(journey) for journey in journeys], dtype=object)

    def dump(self) -> str:
        return json.dumps({"large_groups": sorted(self.large_groups), "trees": self.trees, "names": NAMES})

    @classmethod
    def load(cls, text: str) -> PromiseModel:
        """Raises ValueError for a model of other features."""
        content = json.loads(text)
        if tuple(content["names"]) != NAMES:
            raise ValueError("The model was trained with other features.")
        return cls(large_groups=frozenset(content["large_groups"]), trees=content["trees"])

    def _load(self, key: str) -> list[Any]:
        if key not in self._boosters and self.trees.get(key):
            lightgbm = import_lightgbm()
            self._boosters[key] = [lightgbm.Booster(model_str=text) for text in self.trees[key]]
        return self._boosters.get(key, [])


def import_lightgbm() -> Any:
    """Raises LearningUnavailable where LightGBM or its OpenMP library is missing."""
    try:
        import lightgbm
    except (ImportError, OSError) as error:
        raise LearningUnavailable(str(error)) from error
    return lightgbm


def train(table: Table, *, use: Flags, quantiles: Sequence[float] = (LATE, EARLY)) -> tuple[PromiseModel, Floats]:
    """Learn from the rows of `table` that `use` marks; the model, and its out-of-fold predictions of all rows at LATE.

    With fewer than MIN_ROWS rows, or without LightGBM, the model has no trees.
    """
    model = PromiseModel(large_groups=_large_groups(table, use))
    chosen = np.nonzero(use)[0]
    try:
        lightgbm = import_lightgbm()
    except LearningUnavailable:
        return model, table.base
    if len(chosen) < MIN_ROWS:
        return model, table.base
    scale = table.base * np.exp(hindsight(table, chosen, model.groups(table.journeys)))
    for quantile in quantiles:
        model.trees[f"{quantile}"] = [
            _fit(lightgbm, table, chosen, scale, quantile, seed).model_to_string() for seed in SEEDS
        ]
    return model, _out_of_fold(lightgbm, model, table, chosen, scale)


def _fit(lightgbm: Any, table: Table, chosen: Any, scale: Floats, quantile: float, seed: int) -> Any:
    """Quantile trees of days / scale; weighted by the usual days, so that the loss is in days."""
    data = lightgbm.Dataset(
        table.rows[chosen], table.days[chosen] / scale[chosen], weight=table.base[chosen], feature_name=list(NAMES)
    )
    return lightgbm.train({**PARAMETERS, "alpha": quantile, "seed": seed}, data, ROUNDS)


def _out_of_fold(
    lightgbm: Any, model: PromiseModel, table: Table, chosen: Any, scale: Floats, folds: int = 4
) -> Floats:
    """Predictions that did not see their own row, so that corrections learned from them are honest."""
    predicted = model.predict(table.rows)
    fold = np.random.default_rng(1).integers(0, folds, len(chosen))
    for number in range(folds):
        held = chosen[fold == number]
        booster = _fit(lightgbm, table, chosen[fold != number], scale, LATE, SEEDS[0])
        ratio = np.asarray(booster.predict(table.rows[held], num_threads=1))
        predicted[held] = np.maximum(table.base[held] * ratio**TREES_SHARE, 0.25)
    return predicted


def _large_groups(table: Table, use: Flags) -> frozenset[str]:
    counts: dict[str, int] = {}
    for journey, counted in zip(table.journeys, use, strict=True):
        if counted:
            region = f"{journey.service}{journey.destination}"
            counts[region] = counts.get(region, 0) + 1
    return frozenset(name for name, count in counts.items() if count >= LARGE_GROUP_SHARE * max(int(use.sum()), 1))


def hindsight(table: Table, chosen: Any, groups: Any) -> Floats:
    """How slow the days around each order were in its group (log, smoothed): training learns lanes, not seasons."""
    pace = np.array([log_days_of(days) for days in table.days]) - column(table.rows, "log_base")
    day = np.floor(table.ordered).astype(int) - int(table.ordered.min())
    kernel = np.exp(-0.5 * (np.arange(-40, 41) / BANDWIDTH_DAYS) ** 2)
    marked = np.zeros(len(day), dtype=bool)
    marked[chosen] = True
    everywhere = _smooth(pace, day, marked, kernel, np.zeros(int(day.max()) + 1))
    found: Floats = everywhere[day]
    for group in set(groups[chosen]):
        own = groups == group
        found[own] = _smooth(pace, day, marked & own, kernel, everywhere)[day[own]]
    return found


def _smooth(pace: Floats, day: Any, use: Flags, kernel: Floats, otherwise: Floats) -> Floats:
    length = len(otherwise)
    count = np.bincount(day[use], minlength=length).astype(float)
    total = np.bincount(day[use], weights=np.clip(pace[use], -1.2, 1.2), minlength=length)
    near_count, near_total = (np.convolve(values, kernel)[40 : 40 + length] for values in (count, total))
    smoothed: Floats = (near_total + otherwise * GROUP_STRENGTH) / (near_count + GROUP_STRENGTH)
    return smoothed


def outcomes_at(
    now: float, *, ordered: Floats, delivered: Floats, predicted: Floats, groups: Any, seen_until: Floats, window: float
) -> Outcomes:
    """What is known at `now` of the journeys ordered in the last `window` days."""
    recent = (ordered < now) & (ordered > now - window)
    age = now - ordered[recent]
    arrived = delivered[recent] < now
    days = np.where(arrived, delivered[recent] - ordered[recent], age)
    return Outcomes(age, days, arrived, predicted[recent], groups[recent], seen_until[recent])


def correct(known: Outcomes, groups: Iterable[str], *, share: float) -> dict[str, float]:
    """Group -> factor of the day."""
    found = corrections(known, sorted(set(groups)), share=share)
    return {str(group): factor for group, factor in found.items()}
