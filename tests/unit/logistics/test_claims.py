"""Claims: states, windows, and what a parcel's history gives reason to claim."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from core.errors import TransitionRefused
from core.states import next_state
from logistics.claims.rules import (
    ClaimType,
    ParcelFacts,
    Window,
    choose_window,
    is_found,
    may_qualify,
    moments,
    type_of,
)
from logistics.claims.states import NOT_SENT, TERMINAL, TRANSITIONS, ClaimAction, ClaimState
from logistics.claims.words import NEXT, STATES, TONES, TYPES
from logistics.contracts import ShipmentState, TrackingStatus

MOVING = ParcelFacts(
    ShipmentState.HANDED_OVER, TrackingStatus.IN_TRANSIT, date(2026, 3, 10), None, "Europe/Madrid", late=False
)  # fmt: skip
SILENT = replace(MOVING, status=TrackingStatus.SUSPECTED_LOST)
LOST = replace(MOVING, state=ShipmentState.LOST, status=TrackingStatus.LOST)
CAME = replace(
    MOVING, state=ShipmentState.DELIVERED, status=TrackingStatus.DELIVERED,
    delivered_at=datetime(2026, 3, 11, 23, 30, tzinfo=UTC),
)  # fmt: skip


@pytest.mark.parametrize("state", ClaimState)
@pytest.mark.parametrize("action", ClaimAction)
def test_every_pair_of_states(state, action):
    if (state, action) in TRANSITIONS:
        assert next_state(TRANSITIONS, state, action) is TRANSITIONS[state, action]
    else:
        with pytest.raises(TransitionRefused):
            next_state(TRANSITIONS, state, action)


def test_ends_and_words():
    assert not {state for state, _ in TRANSITIONS} & TERMINAL
    assert {state for state, action in TRANSITIONS if action is ClaimAction.CANCEL} >= NOT_SENT
    for words in (STATES, TONES, NEXT):
        assert set(words) == set(ClaimState)
    assert set(TYPES) == set(ClaimType)


def test_the_services_window_counts_before_the_carriers_and_anybodys():
    rows = [Window("", "", 1, 60), Window("ruta", "", 2, 40), Window("ruta", "ruta-24", 3, 20)]
    for service, carrier, days in (("ruta-24", "ruta", 20), ("ruta-48", "ruta", 40), ("x", "correo", 60)):
        assert choose_window(rows, carrier_code=carrier, service_code=service).deadline_days == days
    assert choose_window(rows[1:], carrier_code="correo", service_code="x") is None


def test_days_count_by_the_recipients_calendar_from_the_promise_or_the_delivery():
    window = Window("", "", 3, 60)
    opens, ends = moments(window, ClaimType.LOST, MOVING)
    assert (opens.date(), ends.date()) == (date(2026, 3, 13), date(2026, 5, 10))
    opens, _ends = moments(window, ClaimType.DAMAGED, CAME)
    assert opens.date() == date(2026, 3, 15), "in Madrid it came on the twelfth"


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        (MOVING, None), (SILENT, ClaimType.LOST), (LOST, ClaimType.LOST), (CAME, None),
        (replace(MOVING, status=TrackingStatus.DAMAGED), ClaimType.DAMAGED),
        (replace(CAME, late=True), ClaimType.LATE_GUARANTEE),
    ],
)  # fmt: skip
def test_what_the_history_gives_reason_for(facts, kind):
    assert type_of(facts) is kind


def test_found_parcels():
    for by_itself in (True, False):
        assert is_found(ClaimType.LOST, CAME, by_itself=by_itself)
        assert not is_found(ClaimType.LOST, SILENT, by_itself=by_itself)
        assert not is_found(ClaimType.LOST, LOST, by_itself=by_itself)
        assert not is_found(ClaimType.DAMAGED, CAME, by_itself=by_itself)
    assert is_found(ClaimType.LOST, MOVING, by_itself=True)
    assert not is_found(ClaimType.LOST, MOVING, by_itself=False)


def test_a_parcel_the_carrier_gave_up_needs_no_waiting(now):
    later = now + timedelta(days=1)
    assert may_qualify(ClaimType.LOST, LOST, opens_at=later, now=now)
    assert not may_qualify(ClaimType.LOST, SILENT, opens_at=later, now=now)
    assert may_qualify(ClaimType.LOST, SILENT, opens_at=later, now=later)
