"""Training, activating and refreshing the promise model. Histories come in as plain journeys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np
from django.db import transaction

from core.actor import Actor
from core.audit.services import record
from core.errors import DomainError, NotFound
from logistics.contracts import PROMISE_QUANTILE_BPS
from logistics.promises.features import Journey, Memory, in_days
from logistics.promises.learning import (
    EARLY,
    LATE,
    UNSEEN_DAYS,
    PromiseModel,
    Table,
    correct,
    outcomes_at,
    tabulate,
    train,
)  # fmt: skip
from logistics.promises.models import PromiseLevels, PromiseVersion
from logistics.promises.rules import WINDOW_DAYS, pinball

MIN_JOURNEYS: Final = 200
HELD_OUT_SHARE: Final = 0.25


class TooFewJourneys(DomainError):
    """Too few delivered parcels to learn from."""

    code = "too_few_journeys"
    message = "There are too few delivered parcels to learn a promise from."


def train_promise(*, journeys: Sequence[Journey], activate: bool, actor: Actor, now: datetime) -> PromiseVersion:
    """Learn from past journeys, judge on the latest quarter, store as a new version; maybe put it in force.

    A version in force also gets its levels as of `now`. Raises TooFewJourneys.
    """
    table = tabulate(journeys)
    ended = np.isfinite(table.delivered) & (table.ordered < in_days(now) - UNSEEN_DAYS)
    if int(ended.sum()) < MIN_JOURNEYS:
        raise TooFewJourneys()
    figures = _judge(table, ended)
    model, _predicted = train(table, use=ended)
    with transaction.atomic():
        number = PromiseVersion.objects.filter(trained_at__date=now.date()).count() + 1
        version = PromiseVersion.objects.create(
            code=f"trees-{now:%Y%m%d}-{number}", trained_at=now, trained_on=int(ended.sum()), figures=figures,
            quantile_bps=PROMISE_QUANTILE_BPS, artifact=model.dump(),
        )  # fmt: skip
        if activate:
            activate_version(code=version.code, actor=actor, now=now)
            refresh_levels(journeys=journeys, now=now)
        record(
            actor=actor, action="logistics.promise_trained", subject_type="promise", subject_id=version.code, now=now,
            trained_on=version.trained_on, active=activate,
        )  # fmt: skip
    return version


def _judge(table: Table, ended: Any) -> dict[str, float]:
    """Figures on the latest quarter by a model that did not see it."""
    cut = float(np.quantile(table.ordered[ended], 1 - HELD_OUT_SHARE))
    use, held = ended & (table.delivered < cut), ended & (table.ordered >= cut)
    model, predicted = train(table, use=use, quantiles=(LATE,))
    groups, promised = model.groups(table.journeys), predicted.copy()
    day = np.floor(table.ordered)
    for today in np.unique(day[held]):
        rows = np.nonzero(held & (day == today))[0]
        factors = _factors(table, predicted, groups, float(today), share=LATE)
        promised[rows] *= [factors.get(group, 1.0) for group in groups[rows]]
    days, promised = table.days[held], promised[held]
    return {
        "pinball90": round(pinball(days, promised, LATE), 3), "coverage": round(float(np.mean(days <= promised)), 3),
        "mean_days": round(float(promised.mean()), 2), "held_out": int(held.sum()),
    }  # fmt: skip


def _factors(table: Table, predicted: Any, groups: Any, now: float, *, share: float) -> dict[str, float]:
    known = outcomes_at(
        now, ordered=table.ordered, delivered=table.delivered, predicted=predicted, groups=groups,
        seen_until=np.full(len(groups), np.inf), window=WINDOW_DAYS,
    )  # fmt: skip
    return correct(known, groups, share=share)


def activate_version(*, code: str, actor: Actor, now: datetime) -> None:
    """Put a version in force; it promises from its next refresh of levels on. Raises NotFound."""
    with transaction.atomic():
        version = PromiseVersion.objects.select_for_update().filter(code=code).first()
        if version is None:
            raise NotFound("There is no such version.")
        PromiseVersion.objects.filter(is_active=True).exclude(code=code).update(is_active=False)
        version.is_active = True
        version.save(update_fields=["is_active"])
        record(actor=actor, action="logistics.promise_activated", subject_type="promise", subject_id=code, now=now)


def retire_promise(*, actor: Actor, now: datetime) -> None:
    """Take the model out of force: rate sheets promise again."""
    with transaction.atomic():
        for version in PromiseVersion.objects.select_for_update().filter(is_active=True):
            version.is_active = False
            version.save(update_fields=["is_active"])
            record(
                actor=actor,
                action="logistics.promise_retired",
                subject_type="promise",
                subject_id=version.code,
                now=now,
            )


def refresh_levels(*, journeys: Sequence[Journey], now: datetime) -> bool:
    """Tell the active version what the lanes have been like until now. False when none is active."""
    version = PromiseVersion.objects.filter(is_active=True).first()
    if version is None or not journeys:
        return False
    model, memory = PromiseModel.load(version.artifact), Memory()
    table = tabulate(journeys, memory)
    groups = model.groups(table.journeys)
    late, early = (
        _factors(table, model.predict(table.rows, quantile=quantile), groups, in_days(now), share=quantile)
        for quantile in (LATE, EARLY)
    )
    PromiseLevels.objects.update_or_create(
        version=version,
        defaults={"computed_at": now, "memory": memory.dump(), "late_factors": late, "early_factors": early},
    )
    return True
