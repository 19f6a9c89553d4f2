"""When a carrier may be asked to come, and every pair of states and steps."""

from __future__ import annotations

from datetime import date, datetime, time
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from core.errors import InvalidInput, TransitionRefused
from core.states import next_state
from logistics.pickups.rules import Terms, days_of, window_of
from logistics.pickups.states import TRANSITIONS, PickupAction, PickupState

MADRID = ZoneInfo("Europe/Madrid")
TERMS = Terms(9, 18, 2, 11, 0, frozenset({0, 1, 2, 3, 4}))
EVE = Terms(9, 24, 2, 18, 1, frozenset(range(7)))
ALLOWED = {
    ("BOOKED", "CONFIRM"): "CONFIRMED", ("BOOKED", "CHANGE"): "BOOKED", ("CONFIRMED", "CHANGE"): "BOOKED",
    ("BOOKED", "CANCEL"): "CANCELLED", ("CONFIRMED", "CANCEL"): "CANCELLED", ("BOOKED", "MISS"): "MISSED",
    ("CONFIRMED", "MISS"): "MISSED", ("BOOKED", "FINISH"): "DONE", ("CONFIRMED", "FINISH"): "DONE",
    ("MISSED", "FINISH"): "DONE",
}  # fmt: skip


@pytest.mark.parametrize(("state", "action"), list(product(PickupState, PickupAction)))
def test_every_state_and_step(state, action):
    if (state.value, action.value) in ALLOWED:
        assert next_state(TRANSITIONS, state, action) == ALLOWED[state.value, action.value]
    else:
        with pytest.raises(TransitionRefused):
            next_state(TRANSITIONS, state, action)


def test_the_window_is_by_the_clock_of_the_place():
    window = window_of(TERMS, day=date(2026, 3, 30), opens=time(14), closes=time(17), zone="Europe/Madrid")
    assert window.opens_at == datetime(2026, 3, 30, 14, tzinfo=MADRID)
    assert window.opens_at.utcoffset().total_seconds() == 7_200  # summer time began the night before
    assert window.cutoff_at == datetime(2026, 3, 30, 11, tzinfo=MADRID)


def test_the_cut_off_of_the_day_before_and_never_after_the_window_opens():
    window = window_of(EVE, day=date(2026, 3, 3), opens=time(9), closes=time(23, 59), zone="Europe/Madrid")
    assert window.cutoff_at == datetime(2026, 3, 2, 18, tzinfo=MADRID)
    early = window_of(TERMS, day=date(2026, 3, 3), opens=time(9), closes=time(12), zone="Europe/Madrid")
    assert early.cutoff_at == early.opens_at


@pytest.mark.parametrize(
    ("day", "opens", "closes", "field"),
    [
        (date(2026, 3, 7), time(14), time(17), "day"), (date(2026, 3, 3), time(8, 59), time(12), "opens"),
        (date(2026, 3, 3), time(15), time(18, 1), "opens"), (date(2026, 3, 3), time(14), time(15, 59), "closes"),
        (date(2026, 3, 3), time(17), time(14), "closes"),
    ],
)  # fmt: skip
def test_what_the_carrier_does_not_do(day, opens, closes, field):
    with pytest.raises(InvalidInput) as refused:
        window_of(TERMS, day=day, opens=opens, closes=closes, zone="Europe/Madrid")
    assert refused.value.field == field


def test_days_of_the_week():
    found = list(days_of("02", first=date(2026, 3, 2), last=date(2026, 3, 9)))
    assert found == [date(2026, 3, 2), date(2026, 3, 4), date(2026, 3, 9)]
    assert not list(days_of("0", first=date(2026, 3, 3), last=date(2026, 3, 2)))
