"""Several carriers' news as one history: any order gives the same, one carrier at a time, only the last leg delivers."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from logistics.contracts import ShipmentState, TrackingStatus
from logistics.tracking.merging import merge
from logistics.tracking.rules import Happening, derive

T, S = TrackingStatus, ShipmentState
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
LAST = 3


def told(leg, status, hour, name="", corrects=""):
    return Happening(f"{leg}.{name or status}-{hour}", status, START + timedelta(hours=hour), corrects, leg)


def standing(*events):
    return derive(merge(events, LAST).history)


JOURNEY = (
    told(1, T.PICKED_UP, 0), told(1, T.DELIVERED, 10), told(2, T.PICKED_UP, 14), told(2, T.DELIVERED, 40),
    told(3, T.PICKED_UP, 44), told(3, T.DELIVERED, 60),
)  # fmt: skip
AFTER_EACH = [
    (T.PICKED_UP, S.HANDED_OVER), (T.AT_HUB, S.HANDED_OVER), (T.PICKED_UP, S.HANDED_OVER), (T.AT_HUB, S.HANDED_OVER),
    (T.PICKED_UP, S.HANDED_OVER), (T.DELIVERED, S.DELIVERED),
]  # fmt: skip


def test_a_leg_that_arrives_hands_over_and_only_the_last_one_delivers():
    for seen, expected in enumerate(AFTER_EACH, start=1):
        for order in permutations(JOURNEY[:seen]) if seen < 6 else [JOURNEY, JOURNEY[::-1]]:
            found = standing(*order)
            assert (found.status, found.state) == expected


def test_late_news_of_a_leg_that_is_over_changes_nothing():
    assert standing(*JOURNEY[:3], told(1, T.IN_TRANSIT, 20)).status is T.PICKED_UP
    assert standing(*JOURNEY[:3], told(1, T.LOST, 12)).status is T.PICKED_UP  # it was found: the next carrier has it
    assert standing(*JOURNEY[:2], told(1, T.LOST, 12)).status is T.LOST


def test_labels_and_cancelled_bookings_of_legs_say_nothing():
    quiet = [told(leg, status, 5) for leg in (2, 3) for status in (T.REGISTERED, T.AWAITING_PICKUP, T.CANCELLED)]
    assert standing(*quiet).state is S.BOOKED
    assert standing(JOURNEY[0], *quiet).status is T.PICKED_UP
    assert [step.leg for step in merge([JOURNEY[0], *quiet], LAST).begun] == [1]


def test_a_carrier_that_is_heard_first_has_the_parcel():
    """The scans of the leg before are missing, or come later."""
    course = merge([told(2, T.IN_TRANSIT, 15)], LAST)
    assert [(step.leg, step.was_given) for step in course.begun] == [(2, False)]
    assert derive(course.history).state is S.HANDED_OVER
    assert [step.leg for step in merge([told(2, T.IN_TRANSIT, 15), told(1, T.PICKED_UP, 0)], LAST).begun] == [1, 2]


def test_of_two_arrivals_the_first_counts():
    again = told(1, T.DELIVERED, 12)
    for order in permutations([*JOURNEY[:2], again]):
        assert merge(order, LAST).arrived_at == START + timedelta(hours=10)


def test_nobody_is_told_of_a_door_before_the_last_leg():
    assert standing(JOURNEY[0], told(1, T.OUT_FOR_DELIVERY, 5)).status is T.IN_TRANSIT
    assert standing(JOURNEY[0], told(1, T.ATTEMPT_FAILED, 5)).status is T.DELAYED
    assert standing(*JOURNEY[:5], told(3, T.OUT_FOR_DELIVERY, 50)).status is T.OUT_FOR_DELIVERY


def test_back_at_a_hub_is_not_back_at_the_sender():
    assert standing(*JOURNEY[:3], told(2, T.RETURNED, 20)).status is T.ON_HOLD
    assert standing(JOURNEY[0], told(1, T.RETURNED, 5)).status is T.RETURNED


def test_a_scan_taken_back_gives_the_parcel_back_to_the_leg_before():
    wrong = told(2, T.PICKED_UP, 14)
    course = merge([*JOURNEY[:2], wrong, Happening("c", T.UNKNOWN, START, wrong.event_id)], LAST)
    assert [step.leg for step in course.begun] == [1]
    assert course.corrected == {2}
    assert course.arrived_at == START + timedelta(hours=10)


EVENTS = st.lists(
    st.builds(
        told, st.integers(1, LAST), st.sampled_from([status for status in T if status is not T.SUSPECTED_LOST]),
        st.integers(0, 30), st.sampled_from("abc"),
    ), max_size=14, unique_by=lambda event: event.event_id,
)  # fmt: skip


@given(EVENTS, st.randoms(use_true_random=False))
def test_any_order_and_any_repetition_give_the_same(events, random):
    shuffled = [*events, *events[: len(events) // 2]]
    random.shuffle(shuffled)
    first, second = merge(events, LAST), merge(shuffled, LAST)
    assert (first.begun, first.arrived_at, first.corrected) == (second.begun, second.arrived_at, second.corrected)
    assert derive(first.history) == derive(second.history)


@given(EVENTS)
def test_a_parcel_is_delivered_only_by_its_last_leg_and_held_by_the_latest_that_began(events):
    course = merge(events, LAST)
    found = derive(course.history)
    legs = [step.leg for step in course.begun]
    assert legs == sorted(set(legs))
    if found.status is T.DELIVERED:
        assert any(event.leg == LAST and event.status is T.DELIVERED for event in events)
    if found.status is T.RETURNED:
        assert legs == [1]
