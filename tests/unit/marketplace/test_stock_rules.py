"""Which place an order is sent from."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.stock.rules import Spot, Taken, taken_from

CUP, BOWL, NORTH, SOUTH = (UUID(int=n) for n in range(1, 5))


def spot(place, days=1, **pieces):
    names = {"cup": CUP, "bowl": BOWL}
    return Spot(place, days, {names[name]: number for name, number in pieces.items()})


@pytest.mark.parametrize(
    ("wanted", "spots", "at_main", "taken"),
    [
        ({CUP: 2}, [spot(NORTH, cup=9), spot(None, 0, cup=2)], False, [Taken(CUP, None, 2)]),
        ({CUP: 2}, [spot(NORTH, cup=9), spot(None, 0, cup=1)], False, [Taken(CUP, NORTH, 2)]),
        ({CUP: 2}, [spot(NORTH, 3, cup=9), spot(SOUTH, 1, cup=9)], False, [Taken(CUP, SOUTH, 2)]),
        ({CUP: 1, BOWL: 1}, [spot(None, 0, cup=5), spot(SOUTH, 2, cup=5, bowl=5)], False,
         [Taken(CUP, SOUTH, 1), Taken(BOWL, SOUTH, 1)]),
        ({CUP: 3}, [spot(None, 0, cup=1), spot(NORTH, 2, cup=2)], False, [Taken(CUP, None, 1), Taken(CUP, NORTH, 2)]),
        ({CUP: 1}, [spot(None, 5, cup=1), spot(NORTH, 1, cup=1)], False, [Taken(CUP, NORTH, 1)]),
        ({CUP: 1}, [spot(None, 5, cup=1), spot(NORTH, 1, cup=1)], True, [Taken(CUP, None, 1)]),
    ],
)  # fmt: skip
def test_the_place_is_chosen(wanted, spots, at_main, taken):
    assert taken_from(wanted, spots, at_main=at_main) == taken


def test_more_than_there_is_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="nowhere"):
        taken_from({CUP: 3}, [spot(None, cup=1), spot(NORTH, cup=1)], at_main=False)


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 5)), min_size=1, max_size=6), st.data()
)  # fmt: skip
def test_what_is_taken_is_what_is_wanted_and_there(places, data):
    spots = [spot(UUID(int=100 + n) if n else None, days, cup=cups, bowl=bowls)
             for n, (cups, bowls, days) in enumerate(places)]  # fmt: skip
    wanted = {CUP: data.draw(st.integers(0, sum(p[0] for p in places))),
              BOWL: data.draw(st.integers(0, sum(p[1] for p in places)))}  # fmt: skip
    taken = taken_from(wanted, spots, at_main=data.draw(st.booleans()))
    for listing_id, quantity in wanted.items():
        assert sum(one.quantity for one in taken if one.listing_id == listing_id) == quantity
    there = {(s.location_id, listing_id): n for s in spots for listing_id, n in s.pieces.items()}
    assert all(0 < one.quantity <= there[one.location_id, one.listing_id] for one in taken)
