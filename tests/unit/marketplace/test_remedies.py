"""What a broken promise gives back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import TransitionRefused
from core.money import Money
from core.states import next_state
from marketplace.remedies.rules import LONGEST_WAIT, bears_it, next_try, remedy_amount
from marketplace.remedies.states import TRANSITIONS, RemedyAction, RemedyState


@given(minor=st.integers(0, 10**9), share=st.integers(-5, 20_000))
def test_never_more_than_was_paid_for_shipping(minor, share):
    found = remedy_amount(shipping=Money(minor, "EUR"), share_bps=share)
    assert 0 <= found.minor <= minor
    assert share < 10_000 or found.minor == minor


@pytest.mark.parametrize(
    ("minor", "share", "back"), [(495, 5_000, 248), (495, 10_000, 495), (495, 0, 0), (1, 4_999, 0)]
)
def test_the_share_is_rounded_half_up(minor, share, back):
    assert remedy_amount(shipping=Money(minor, "EUR"), share_bps=share).minor == back


def test_waits_double_and_end(now):
    waits = [next_try(attempts=n, now=now) - now for n in range(40)]
    assert waits[:3] == [timedelta(hours=1), timedelta(hours=2), timedelta(hours=4)]
    assert max(waits) == LONGEST_WAIT


def test_only_a_late_seller_bears_it():
    assert [bears_it(who) for who in ("SELLER", "CARRIER", "CUSTOMS", "NOBODY")] == ["SELLER", *["PLATFORM"] * 3]


@pytest.mark.parametrize("state", RemedyState)
@pytest.mark.parametrize("action", RemedyAction)
def test_every_pair_of_states(state, action):
    if (state, action) in TRANSITIONS:
        assert next_state(TRANSITIONS, state, action) is TRANSITIONS[state, action]
    else:
        with pytest.raises(TransitionRefused):
            next_state(TRANSITIONS, state, action)
