"""Pure rules of trust: state machines, averages, shares, checks."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import TransitionRefused
from core.states import next_state
from trust.contracts import CaseState, DisputeState, ReviewState
from trust.disputes.states import TRANSITIONS as DISPUTES
from trust.disputes.states import DisputeAction
from trust.reviews.rules import average_hundredths
from trust.reviews.states import TRANSITIONS as REVIEWS
from trust.reviews.states import ReviewAction
from trust.scorecards.rules import POLICY, Facts, figures, share_bp
from trust.verification.rules import profile_checks, vat_number_fits
from trust.verification.states import TRANSITIONS as CASES
from trust.verification.states import CaseAction

MACHINES = [
    (DISPUTES, DisputeState, DisputeAction),
    (REVIEWS, ReviewState, ReviewAction),
    (CASES, CaseState, CaseAction),
]
PAIRS = [(t, s, a) for t, states, actions in MACHINES for s, a in itertools.product(states, actions)]


@pytest.mark.parametrize(("transitions", "state", "action"), PAIRS)
def test_every_pair_moves_or_is_refused(transitions, state, action):
    if (state, action) in transitions:
        assert next_state(transitions, state, action) == transitions[(state, action)]
    else:
        with pytest.raises(TransitionRefused):
            next_state(transitions, state, action)


def test_closed_disputes_and_cases_never_move_again():
    assert {s for s, _ in DISPUTES} == {DisputeState.OPEN}
    assert {s for s, _ in CASES} == {CaseState.OPEN}


@given(st.dictionaries(st.integers(1, 5), st.integers(0, 10_000), max_size=5))
def test_an_average_lies_between_the_worst_and_the_best(counts):
    given_ratings = [rating for rating, number in counts.items() if number]
    average = average_hundredths(counts)
    if not given_ratings:
        assert average == 0
    else:
        assert min(given_ratings) * 100 <= average <= max(given_ratings) * 100


@given(st.integers(0, 5000), st.integers(0, 5000), st.integers(0, 50))
def test_a_share_is_exact_or_unknown(part, whole, minimum):
    share = share_bp(min(part, whole), whole, minimum=minimum)
    if whole < max(minimum, 1):
        assert share is None
    else:
        assert 0 <= share <= 10_000
        assert abs(share * whole - min(part, whole) * 10_000) * 2 <= whole


@given(st.integers(0, POLICY.minimum_sample - 1), st.data())
def test_small_samples_give_no_verdict(orders, data):
    few = st.integers(0, orders)
    facts = Facts(
        rating_hundredths=0, rating_count=0, orders_ever=orders, orders=orders, promises=orders,
        promises_kept=data.draw(few), shipped=orders, shipped_on_time=data.draw(few), lost_disputes=data.draw(few),
        cancelled_by_seller=data.draw(few),
    )  # fmt: skip
    shares = figures(facts)
    assert (shares.promise_kept_bp, shares.on_time_bp, shares.dispute_rate_bp, shares.cancel_rate_bp) == (None,) * 4


@given(st.integers(10, 1000), st.integers(0, 999))
def test_one_more_kept_promise_never_lowers_the_share(whole, kept):
    kept = min(kept, whole - 1)
    assert share_bp(kept + 1, whole, minimum=10) >= share_bp(kept, whole, minimum=10)


@pytest.mark.parametrize(
    ("country", "number", "fits"),
    [("ES", "ESB58378431", True), ("ES", "B58378432", False), ("PT", "PT501964843", True), ("ES", "", None),
     ("ZZ", "123", None)],
)  # fmt: skip
def test_vat_numbers(country, number, fits):
    assert vat_number_fits(country, number) is fits


def test_profile_checks_name_what_is_missing():
    checks = {c.name: c.passed for c in profile_checks(country="ES", legal_name="", registration_number="12",
                                                        vat_number="")}  # fmt: skip
    assert checks == {"legal_name": False, "registration_number": False, "vat_number": None, "country": True}
