"""Pure rules: commission, splits, clocks, bank accounts, machines."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ids import new_id
from core.money import Money
from payments.chargebacks.rules import share_out
from payments.contracts import EscrowLine, EscrowRequest, EscrowState, LineKind
from payments.escrow.rules import (
    CommissionRate,
    Line,
    Position,
    freeze_lines,
    resumed_due,
    spread,
)
from payments.escrow.states import OPEN, PARTIES, TERMINAL, TRANSITIONS, EscrowAction
from payments.ledger.rules import AccountCode, Leg, content_hash, merge_legs
from payments.payouts.rules import mask_iban, normalise_iban
from payments.reserves.rules import SellerPosition, divide_claim, divide_credit
from tests.conftest import NOW


def eur(minor):
    return Money(minor, "EUR")


def request(*goods, shipping=0):
    total = sum(price for _, price in goods) + shipping
    return EscrowRequest(
        order_id=new_id(), seller_id=new_id(), amount=eur(total), goods=tuple((c, eur(p)) for c, p in goods),
        shipping=eur(shipping),
    )  # fmt: skip


def commission(asked, rates):
    """The fee of a full release, with VAT: of the lines as frozen at the sale."""
    return eur(sum(line.fee for line in freeze_lines(asked, rates)))


def test_commission_by_category_with_a_fixed_part_and_none_on_shipping():
    rates = {"": CommissionRate(800, eur(30)), "books": CommissionRate(500)}
    assert commission(request(("books", 1_000), ("toys", 1_000), shipping=9_999), rates) == eur(50 + 80 + 30)
    assert commission(request(("toys", 1_000)), {}) == eur(80)
    assert commission(request(("toys", 20)), rates) == eur(20)  # never more than the order


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


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=8), st.data())
def test_spread_money_is_all_there_and_no_place_gives_more_than_it_has(weights, data):
    amount = data.draw(st.integers(0, sum(weights)))
    parts = spread(amount, weights)
    assert sum(parts) == amount
    assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))


@given(
    st.lists(st.tuples(st.integers(0, 100_000), st.integers(1, 9)), min_size=1, max_size=6), st.integers(0, 5_000),
    st.integers(0, 10_000), st.integers(0, 500), st.integers(0, 100), st.integers(0, 2_500),
)  # fmt: skip
def test_frozen_lines_are_the_order_and_no_fee_exceeds_its_line(goods, shipping, rate, fixed, per_unit, vat):
    lines = [EscrowLine(str(n), eur(minor), quantity=pieces) for n, (minor, pieces) in enumerate(goods)]
    lines.append(EscrowLine("shipping", eur(shipping), kind=LineKind.SHIPPING))
    amount = eur(sum(line.amount.minor for line in lines))
    wanted = EscrowRequest(order_id=new_id(), seller_id=new_id(), amount=amount, lines=tuple(lines))
    plan = CommissionRate(rate, eur(fixed), eur(per_unit), vat_basis_points=vat)
    frozen = freeze_lines(wanted, {"": plan})
    assert sum(line.amount for line in frozen) == amount.minor
    assert all(0 <= line.vat <= line.fee <= line.amount for line in frozen)
    assert frozen[-1].fee == 0


@given(st.integers(1, 5_000), st.integers(0, 10_000), st.integers(0, 2_500), st.data())
def test_however_a_line_is_released_the_fees_add_up_and_stay_within_each_part(amount, rate, vat, data):
    request_ = EscrowRequest(
        order_id=new_id(), seller_id=new_id(), amount=eur(amount), lines=(EscrowLine("a", eur(amount)),)
    )
    (line,) = freeze_lines(request_, {"": CommissionRate(rate, vat_basis_points=vat)})
    position, fees, vats = Position(line), 0, 0
    while position.free:
        part = data.draw(st.integers(1, position.free))
        after = position.after(released=part)
        fee, tax = after.fee_taken - position.fee_taken, after.vat_taken - position.vat_taken
        assert 0 <= tax <= fee <= part
        position, fees, vats = after, fees + fee, vats + tax
    assert (fees, vats) == (line.fee, line.vat)


def test_exactly_on_a_tier_counts_as_reached():
    rate = CommissionRate(1_000, tiers=((1_000, 800), (5_000, 500)), tier_currency="EUR")
    found = [rate.basis_points_for(eur(minor)) for minor in (999, 1_000, 4_999, 5_000)]
    assert found == [1_000, 800, 800, 500]
    assert rate.basis_points_for(Money(5_000, "USD")) == 1_000


@given(st.integers(0, 1_000), st.integers(0, 1_000), st.integers(0, 1_000), st.integers(0, 4_000),
       st.one_of(st.none(), st.integers(0, 2_000)))  # fmt: skip
def test_the_waterfall_takes_every_cent_once_and_in_order(payable, reserve, debt, amount, limit):
    position = SellerPosition("s", "EUR", payable, reserve, debt, 1_000, 90, limit)
    claim = divide_claim(position, amount)
    assert claim.payable + claim.reserve + claim.debt + claim.loss == amount
    assert claim.payable == min(payable, amount)
    assert not claim.debt or (claim.payable, claim.reserve) == (payable, reserve)
    assert not claim.loss or limit is not None
    credit = divide_credit(position, amount, now=NOW)
    assert credit.debt + credit.reserve + credit.payable == amount
    assert credit.debt == min(debt, amount)


@given(st.integers(1, 10_000), st.lists(st.integers(1, 4_000), max_size=5))
def test_a_chargeback_is_shared_to_the_cent(amount, left):
    orders = {new_id(): minor for minor in left}
    parts, excess = share_out(amount, orders)
    assert sum(parts.values()) + excess == amount
    assert all(parts[order] <= orders[order] for order in parts)
