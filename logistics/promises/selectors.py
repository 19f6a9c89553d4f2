"""Reads of promise models."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from logistics.promises.features import Journey, Memory, in_days
from logistics.promises.learning import EARLY, LATE, PromiseModel
from logistics.promises.models import PromiseVersion, RemedyStep

MIN_LANE_WEIGHT = 30.0
"""A lane with fewer (fading) journeys is promised by its rate sheet."""


@dataclass(frozen=True, slots=True)
class ActivePromise:
    """The model in force with what it knows of the lanes."""

    code: str
    quantile_bps: int
    model: PromiseModel
    memory: Memory
    late_factors: dict[str, float]
    early_factors: dict[str, float]
    computed_at: datetime

    def windows(self, journeys: list[Journey]) -> list[tuple[timedelta, timedelta] | None]:
        """(early, late) time on the way of each journey; None for lanes it knows too little of."""
        now = in_days(self.computed_at)
        rows = np.array([self.memory.row(journey, now) for journey in journeys], dtype=float)
        late, early = self.model.predict(rows, quantile=LATE), self.model.predict(rows, quantile=EARLY)
        found: list[tuple[timedelta, timedelta] | None] = []
        for journey, early_days, late_days in zip(journeys, early, late, strict=True):
            group = self.model.group(journey)
            if group not in self.late_factors or self.memory.known(journey, now) < MIN_LANE_WEIGHT:
                found.append(None)
                continue
            last = float(late_days) * self.late_factors[group]
            first = min(float(early_days) * self.early_factors.get(group, 1.0), last)
            found.append((timedelta(days=first), timedelta(days=last)))
        return found


def find_active_promise() -> ActivePromise | None:
    """The active model if it has been told of the lanes; None means that rate sheets promise."""
    version = PromiseVersion.objects.filter(is_active=True, levels__isnull=False).select_related("levels").first()
    if version is None:
        return None
    levels = version.levels
    return ActivePromise(
        code=version.code, quantile_bps=version.quantile_bps, model=PromiseModel.load(version.artifact),
        memory=Memory.load(levels.memory), late_factors=levels.late_factors, early_factors=levels.early_factors,
        computed_at=levels.computed_at,
    )  # fmt: skip


def refund_share_bps(days_late: int) -> int:
    """The share of the shipping price that a promise broken by so many days gives back."""
    step = RemedyStep.objects.filter(days_late__lte=days_late).order_by("-days_late").first()
    return step.refund_bps if step else 0


def list_remedies() -> list[RemedyStep]:
    """What a broken promise gives back, the least late first."""
    return list(RemedyStep.objects.all()[:20])


def list_versions() -> list[PromiseVersion]:
    """The newest trained models with the figures they were judged by."""
    return list(PromiseVersion.objects.defer("artifact")[:10])
