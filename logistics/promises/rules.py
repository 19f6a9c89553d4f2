"""How late is late enough: quantiles of delivery times where many parcels are still on their way. Pure.

A parcel that has not arrived yet is not left out (that would flatter the quick ones): it counts as "longer than its age"
(Kaplan-Meier). Recent parcels weigh more, so that a strike or a good month is felt within days.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

HALF_LIFE_DAYS: Final = 20.0
"""After this many days (beyond MATURE_DAYS) a parcel weighs half."""
MATURE_DAYS: Final = 15.0
"""Parcels younger than this do not lose weight: they have not told their story yet."""
WINDOW_DAYS: Final = 100.0
POOL_WEIGHT: Final = 60.0
"""How many parcels of all lanes together count in a lane's own quantile: a lane with little data leans on the others."""
LEAST, MOST = 0.5, 2.2
"""Bounds of the correction of a lane."""
MIN_SEEN_SHARE: Final = 0.75
"""Parcels of cut data of which fewer than this share would be there are left out."""


def pinball(actual: Floats, promised: Floats, quantile: float) -> float:
    """The mean quantile loss, in days."""
    over = actual - promised
    return float(np.mean(np.maximum(quantile * over, (quantile - 1) * over)))


def survival_quantile(times: Floats, arrived: Flags, weights: Floats, share: float) -> float | None:
    """The time by which `share` has arrived, where those not `arrived` are only known to take longer than `times`.

    None when too few have arrived to say.
    """
    order = np.argsort(times, kind="stable")
    left = _survivors(arrived[order], weights[order])
    position = int(np.searchsorted(-left, -(1 - share) + 1e-12))
    return float(times[order][position]) if position < len(times) else None


def _survivors(arrived: Flags, weights: Floats) -> Floats:
    """The share still on the way after each of these (sorted) times."""
    at_risk = np.cumsum(weights[::-1])[::-1]
    hazard = np.where(arrived, weights / np.maximum(at_risk, 1e-9), 0.0)
    return np.cumprod(1 - hazard)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What is known at a moment: for each parcel its age in days, days taken (or its age), whether it arrived, its
    predicted quantile and its lane group. `seen_until`: parcels are in the data only if they took at most this long (a
    file of delivered orders that was cut); infinity where nothing is missing."""

    age: Floats
    days: Floats
    arrived: Flags
    predicted: Floats
    group: NDArray[Any]
    seen_until: Floats


def corrections(known: Outcomes, groups: Sequence[Hashable], *, share: float) -> dict[Hashable, float]:
    """Group -> factor on the predicted quantile that would have covered `share` lately (split conformal, by lane)."""
    if not len(known.age):
        return {}
    ratio, limit = known.days / known.predicted, known.seen_until / known.predicted
    weights = 0.5 ** (np.maximum(known.age - MATURE_DAYS, 0) / HALF_LIFE_DAYS)
    whole = np.isinf(known.seen_until)
    pooled = min(1.0, POOL_WEIGHT / max(float(weights[whole].sum()), 1.0))
    found: dict[Hashable, float] = {}
    for group in groups:
        own = weights * np.where(known.group == group, 1.0, pooled)
        counted, use = _for_cut_data(ratio, known.arrived, own, limit, whole)
        factor = survival_quantile(ratio[use], known.arrived[use], counted[use], share)
        found[group] = float(np.clip(MOST if factor is None else factor, LEAST, MOST))
    return found


def _for_cut_data(ratio: Floats, arrived: Flags, weights: Floats, limit: Floats, whole: Flags) -> tuple[Floats, Flags]:
    """Parcels of cut data count for those like them that are missing (inverse probability of being seen)."""
    if whole.all() or not whole.any():
        return weights, np.ones(len(ratio), dtype=bool)
    order = np.argsort(ratio[whole], kind="stable")
    left = _survivors(arrived[whole][order], weights[whole][order])
    place = np.clip(np.searchsorted(ratio[whole][order], limit) - 1, 0, len(left) - 1)
    seen = np.where(whole, 1.0, 1 - left[place])
    return weights / np.maximum(seen, MIN_SEEN_SHARE), whole | (seen > MIN_SEEN_SHARE)
