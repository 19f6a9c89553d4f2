"""Derived status: any order of arrival gives the same; final statuses stand until corrected."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from logistics.contracts import ShipmentState, TrackingStatus
from logistics.shipments.states import TRANSITIONS, ShipmentAction, actions_between
from logistics.tracking.rules import Happening, derive, next_poll
from logistics.tracking.timeline import NEXT, TITLES

T, S = TrackingStatus, ShipmentState
START = datetime(2026, 3, 2, 9, tzinfo=UTC)


def happening(name, status, hour, corrects=""):
    return Happening(name, status, START + timedelta(hours=hour), corrects)


HISTORY = [
    happening("a", T.PICKED_UP, 0), happening("b", T.AT_HUB, 5), happening("c", T.OUT_FOR_DELIVERY, 20),
    happening("d", T.DELIVERED, 24), happening("e", T.IN_TRANSIT, 26), happening("u", T.UNKNOWN, 30),
]  # fmt: skip


def test_every_order_of_arrival_gives_the_same_standing():
    expected = derive(HISTORY)
    assert (expected.status, expected.state) == (T.DELIVERED, S.DELIVERED)
    assert (expected.at, expected.accepted_at) == (START + timedelta(hours=24), START)
    for order in permutations(HISTORY):
        assert derive([*order, order[0]]) == expected


def test_a_correction_takes_a_final_status_back():
    corrected = [*HISTORY, happening("k", T.UNKNOWN, 40, corrects="d")]
    for order in permutations(corrected):
        assert derive(order).status is T.IN_TRANSIT
        assert derive(order).state is S.HANDED_OVER


def test_of_two_final_statuses_the_first_stands():
    assert derive([happening("x", T.LOST, 9), happening("y", T.DELIVERED, 10)]).status is T.LOST


def test_nothing_known_is_a_label_only():
    assert derive([]).state is S.BOOKED
    assert derive([happening("u", T.UNKNOWN, 1)]).status is T.REGISTERED


@pytest.mark.parametrize("current", list(S))
@pytest.mark.parametrize("target", list(S))
def test_tracking_leads_only_along_allowed_edges(current, target):
    state = current
    for action in actions_between(current, target):
        state = TRANSITIONS[state, action]
    if current in {S.DELIVERED, S.RETURNED, S.LOST} and target is S.BOOKED:
        assert state is S.HANDED_OVER
    elif current in {S.CANCELLED, S.BOOKING} or target in {S.CANCELLED, S.BOOKING, S.BOOKED}:
        assert state is current
    else:
        assert state is target


def test_every_state_pair_is_decided():
    allowed = {(a, b) for (a, _), b in TRANSITIONS.items()}
    assert allowed == {
        (S.BOOKING, S.BOOKED), (S.BOOKING, S.CANCELLED), (S.BOOKED, S.CANCELLED), (S.BOOKED, S.HANDED_OVER),
        (S.HANDED_OVER, S.DELIVERED), (S.HANDED_OVER, S.RETURNED), (S.HANDED_OVER, S.LOST),
        (S.DELIVERED, S.HANDED_OVER), (S.RETURNED, S.HANDED_OVER), (S.LOST, S.HANDED_OVER),
    }  # fmt: skip
    assert all((S.CANCELLED, action) not in TRANSITIONS for action in ShipmentAction)


def test_polling_is_closer_when_the_next_event_is_near_and_ends_at_the_end():
    out = next_poll(T.OUT_FOR_DELIVERY, pushes_webhooks=False, now=START)
    road = next_poll(T.IN_TRANSIT, pushes_webhooks=False, now=START)
    assert out < road < next_poll(T.IN_TRANSIT, pushes_webhooks=True, now=START)
    assert next_poll(T.DELIVERED, pushes_webhooks=False, now=START) is None


def test_every_status_has_words():
    assert set(TITLES) == set(T)
    assert set(T) - set(NEXT) <= {T.RETURNED, T.CANCELLED, T.UNKNOWN}
