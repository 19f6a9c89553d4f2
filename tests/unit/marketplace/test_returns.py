"""Rules of returns: rights, policies, and what is owed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import TransitionRefused
from core.states import next_state
from marketplace.orders.rules import share_of
from marketplace.returns.rules import (
    FinalSale,
    NotReturnable,
    Payer,
    Policy,
    ReturnReason,
    after_deductions,
    choose_policy,
    entitlement,
    is_withdrawal,
)
from marketplace.returns.states import CAME_TO_NOTHING, OPEN, TRANSITIONS, ReturnAction, ReturnState
from marketplace.returns.words import NEXT_FOR_BUYER, NEXT_FOR_SELLER, REASONS, STATES, TONES

HOUSE = Policy(False, "", 14, True, FinalSale.NONE)


@pytest.mark.parametrize("state", ReturnState)
@pytest.mark.parametrize("action", ReturnAction)
def test_every_pair_of_states(state, action):
    if (state, action) in TRANSITIONS:
        assert next_state(TRANSITIONS, state, action) is TRANSITIONS[state, action]
    else:
        with pytest.raises(TransitionRefused):
            next_state(TRANSITIONS, state, action)


def test_open_states_are_those_that_go_on():
    assert {state for state, _action in TRANSITIONS} == OPEN
    assert not OPEN & CAME_TO_NOTHING


def test_every_state_and_reason_has_its_words():
    for words in (STATES, TONES, NEXT_FOR_BUYER, NEXT_FOR_SELLER):
        assert set(words) == set(ReturnState)
    assert set(REASONS) == set(ReturnReason)


@given(amount=st.integers(0, 10**7), parts=st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_pieces_of_a_line_sum_up_to_the_line(amount, parts):
    of, before, total = sum(parts), 0, 0
    for pieces in parts:
        share = share_of(amount, before=before, pieces=pieces, of=of)
        assert 0 <= share <= amount
        total, before = total + share, before + pieces
    assert total == amount


@given(
    parts=st.dictionaries(st.text("abc", min_size=1, max_size=3), st.integers(0, 10**6), max_size=5),
    label=st.integers(0, 10**6),
)
def test_the_way_back_is_taken_off_once_and_never_below_nothing(parts, label):
    left = after_deductions(parts, label)
    assert all(0 < part <= parts[ref] for ref, part in left.items())
    assert sum(left.values()) == max(sum(parts.values()) - label, 0)


def test_the_nearest_category_counts_and_then_the_seller():
    path = ["bedding", "home"]
    rows = [HOUSE, Policy(True, "", 30, False, FinalSale.NONE), Policy(False, "home", 20, True, FinalSale.NONE)]
    assert choose_policy(rows, path).window_days == 20
    assert choose_policy([*rows, Policy(True, "home", 60, True, FinalSale.NONE)], path).window_days == 60
    assert choose_policy([*rows, Policy(False, "bedding", 15, True, FinalSale.NONE)], path).window_days == 15
    assert choose_policy(rows, ["vases"]).window_days == 30


@pytest.mark.parametrize(("days", "window", "goes"), [(14, 0, True), (15, 0, False), (30, 30, True), (31, 30, False)])
def test_no_window_is_shorter_than_the_law(now, days, window, goes):
    policy = Policy(True, "", window, True, FinalSale.NONE)
    ask = {
        "policy": policy,
        "reason": ReturnReason.CHANGED_MIND,
        "delivered_at": now - timedelta(days=days),
        "now": now,
    }
    if goes:
        assert entitlement(**ask).is_automatic
    else:
        with pytest.raises(NotReturnable):
            entitlement(**ask)
    assert is_withdrawal(delivered_at=now - timedelta(days=days), asked_at=now) is (days <= 14)


def test_a_fault_is_the_sellers_even_on_a_final_sale(now):
    final = Policy(True, "", 14, True, FinalSale.PERISHABLE)
    right = entitlement(policy=final, reason=ReturnReason.DAMAGED, delivered_at=now, now=now + timedelta(days=60))
    assert (right.payer, right.is_automatic) == (Payer.SELLER, False)
    with pytest.raises(NotReturnable, match="final sale"):
        entitlement(policy=final, reason=ReturnReason.WRONG_SIZE, delivered_at=now, now=now)


def test_who_pays_for_a_change_of_mind_is_the_policys(now):
    for buyer_pays, payer in ((True, Payer.BUYER), (False, Payer.SELLER)):
        policy = Policy(True, "", 14, buyer_pays, FinalSale.NONE)
        assert entitlement(policy=policy, reason=ReturnReason.WRONG_SIZE, delivered_at=now, now=now).payer is payer
