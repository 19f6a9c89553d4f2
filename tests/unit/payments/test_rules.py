"""Pure rules: commission, splits, clocks, bank accounts, machines."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import new_id
from core.money import Money
from payments.contracts import EscrowRequest, EscrowState
from payments.escrow.rules import CommissionRate, Line, Position, quote_commission, resumed_due
from payments.escrow.states import OPEN, PARTIES, TERMINAL, TRANSITIONS, EscrowAction
from payments.ledger.rules import AccountCode, Leg, content_hash, merge_legs
from payments.payouts.rules import mask_iban, normalise_iban
from tests.conftest import NOW


def eur(minor):
    return Money(minor, "EUR")


def request(*goods, shipping=0):
    total = sum(price for _, price in goods) + shipping
    return EscrowRequest(
        order_id=new_id(), seller_id=new_id(), amount=eur(total), goods=tuple((c, eur(p)) for c, p in goods),
        shipping=eur(shipping),
    )  # fmt: skip


def test_commission_by_category_with_a_fixed_part_and_none_on_shipping():
    rates = {"": CommissionRate(800, eur(30)), "books": CommissionRate(500)}
    assert quote_commission(request(("books", 1_000), ("toys", 1_000), shipping=9_999), rates) == eur(50 + 80 + 30)
    assert quote_commission(request(("toys", 1_000)), {}) == eur(80)
    assert quote_commission(request(("toys", 20)), rates) == eur(20)  # never more than the order


@given(amount=st.integers(1, 10**9), share=st.integers(0, 10**9), rate=st.integers(0, 10_000))
def test_the_fee_follows_the_released_part_and_stays_within_it(amount, share, rate):
    released = min(share, amount)
    line = Line("1", "GOODS", "", 1, amount, 0, eur(amount).portion(rate).minor, 0)
    fee = Position(line, released).fee_taken
    assert 0 <= fee <= line.fee
    assert fee <= released
    assert Position(line, amount).fee_taken == line.fee


def test_a_stopped_clock_keeps_what_was_left():
    due = resumed_due(due_at=NOW + timedelta(days=3), frozen_at=NOW, now=NOW + timedelta(days=9))
    assert due == NOW + timedelta(days=12)


@given(st.lists(st.tuples(st.sampled_from(list(AccountCode)), st.integers(-100, 100)), max_size=8))
def test_merged_legs_keep_the_sum_and_the_hash_ignores_order(pairs):
    legs = [Leg(kind, "o", eur(minor)) for kind, minor in pairs]
    merged = merge_legs(legs)
    assert sum(minor for *_, minor in merged) == sum(minor for _, minor in pairs)
    assert len({kind for kind, *_ in merged}) == len(merged)
    other = merge_legs(reversed(legs))
    assert content_hash(kind="k", ref="r", legs=merged, reverses_id=None) == content_hash(
        kind="k", ref="r", legs=other, reverses_id=None
    )


def test_ibans():
    assert normalise_iban("es91 2100 0418 4502 0005 1332") == "ES9121000418450200051332"
    assert mask_iban("ES9121000418450200051332") == "ES•• •••• 1332"


@pytest.mark.parametrize("state", TERMINAL)
def test_nothing_leaves_a_terminal_state(state):
    assert not [edge for edge in TRANSITIONS if edge[0] is state]


def test_every_action_has_parties_and_every_state_has_its_place():
    assert set(PARTIES) == set(EscrowAction)
    assert {*OPEN, *TERMINAL, EscrowState.CREATED} == set(EscrowState)
