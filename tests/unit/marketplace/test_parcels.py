"""Pieces of an order: whatever is packed, sent and cancelled, never more than was sold."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput
from marketplace.orders.balances import PackedPieces, balances, checked_pieces
from marketplace.orders.rules import share_of

LINE = UUID(int=1)
steps = st.lists(st.tuples(st.sampled_from(["pack", "cancel", "send"]), st.integers(1, 12)), max_size=30)


@given(st.integers(1, 20), steps)
def test_never_more_than_sold(sold, story):
    parcels, cancelled = [], 0
    for what, quantity in story:
        balance = balances([(LINE, sold, sold - cancelled)], parcels)[LINE]
        if what == "send":
            parcels = [PackedPieces(one.line_id, one.quantity, True) for one in parcels]
            continue
        try:
            pieces = checked_pieces({LINE: quantity}, {LINE: balance})[LINE]
        except InvalidInput:
            assert quantity > balance.free
            continue
        if what == "pack":
            parcels.append(PackedPieces(LINE, pieces, False))
        else:
            cancelled += pieces
    end = balances([(LINE, sold, sold - cancelled)], parcels)[LINE]
    assert 0 <= end.shipped <= end.packed <= end.kept <= sold
    assert end.free == sold - cancelled - sum(one.quantity for one in parcels)


@pytest.mark.parametrize("wanted", [{}, {LINE: 0}, {LINE: 4}, {LINE: -1}, {UUID(int=2): 1}])
def test_nothing_strangers_and_too_much_are_refused(wanted):
    with pytest.raises(InvalidInput):
        checked_pieces(wanted, balances([(LINE, 3, 3)], []))


@given(st.integers(0, 10_000), st.lists(st.integers(1, 5), min_size=1, max_size=8))
def test_shares_of_a_line_sum_up_to_its_price(price, groups):
    before, paid, of = 0, 0, sum(groups)
    for pieces in groups:
        paid += share_of(price, before=before, pieces=pieces, of=of)
        before += pieces
    assert paid == price
