"""Guarding calls to carriers: each takes a token, failures open the breaker. Called outside of transactions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from django.db import transaction

from core.actor import Actor
from core.audit.services import record
from logistics.carriers import rules
from logistics.carriers.models import Carrier, CarrierHealth
from logistics.carriers.rules import Health
from logistics.contracts import CarrierRefused, CarrierUnavailable

R = TypeVar("R")
A_FAILURE, AN_ANSWER = True, False


def guarded(*, carrier: Carrier, call: Callable[[], R], now: datetime) -> R:
    """Make `call` if the carrier may be called; notes how it ended. A refusal is an answer: the carrier works.

    Raises CarrierUnavailable without calling while the carrier rests or its budget is used up, and what `call` raises.
    """
    _take_token(carrier, now=now)
    try:
        answer = call()
    except CarrierUnavailable:
        _note(carrier, A_FAILURE, now=now)
        raise
    except CarrierRefused:
        _note(carrier, AN_ANSWER, now=now)
        raise
    _note(carrier, AN_ANSWER, now=now)
    return answer


def _take_token(carrier: Carrier, *, now: datetime) -> None:
    with transaction.atomic():
        row = _locked(carrier, now=now)
        held = rules.refilled(_health(row), calls_per_minute=row.calls_per_minute, now=now)
        if held.is_resting(now):
            raise CarrierUnavailable(f"{carrier.name} is given a rest after failures.")
        left = rules.called(held)
        if left is None:
            raise CarrierUnavailable(f"The calls to {carrier.name} are used up for the moment.")
        row.calls += 1
        _save(row, left)


def _note(carrier: Carrier, is_failure: bool, *, now: datetime) -> None:
    with transaction.atomic():
        row = _locked(carrier, now=now)
        before = _health(row)
        after = rules.failed(before, now) if is_failure else rules.succeeded(before)
        if is_failure:
            row.failed_calls += 1
            row.last_failure_at = now
        if before.rest_until != after.rest_until:
            row.revision += 1
            record(
                actor=Actor.system("carriers"), action="logistics.carrier_rests" if is_failure else "logistics.carrier_back",
                subject_type="carrier", subject_id=carrier.code, now=now, failures=after.failures,
            )  # fmt: skip
        if after != before or is_failure:
            _save(row, after)


def _locked(carrier: Carrier, *, now: datetime) -> CarrierHealth:
    row, _made = CarrierHealth.objects.select_for_update().get_or_create(
        carrier=carrier,
        defaults={"tokens": rules.DEFAULT_CALLS_PER_MINUTE * 1000, "tokens_at": now},
    )
    return row


def _health(row: CarrierHealth) -> Health:
    return Health(failures=row.failures, rest_until=row.rest_until, tokens=row.tokens, tokens_at=row.tokens_at)


def _save(row: CarrierHealth, health: Health) -> None:
    row.failures, row.rest_until = health.failures, health.rest_until
    row.tokens, row.tokens_at = health.tokens, health.tokens_at
    row.save()
