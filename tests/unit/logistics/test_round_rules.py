"""A courier's round: the shortest there is on small cases, windows and shifts kept, the same for the same seed."""

from __future__ import annotations

from itertools import permutations
from random import Random

import pytest

from logistics.rounds.rules import Call, Shift, Spot, length_of, metres_between, plan_round, timed

BASE = Spot(39.4699, -0.3763)
NINE, SEVEN = 9 * 3_600, 19 * 3_600


def shift(**changes):
    values = {"base": BASE, "begins": NINE, "ends": SEVEN, "couriers": 1, "speed": 4.0, "stop_seconds": 240, **changes}
    return Shift(**values)


def calls_near(number, seed, *, opens=NINE, closes=SEVEN):
    source = Random(seed)
    return [
        Call(Spot(BASE.latitude + source.uniform(-0.02, 0.02), BASE.longitude + source.uniform(-0.02, 0.02)), opens, closes)
        for _ in range(number)
    ]  # fmt: skip


def is_possible(order, calls, of):
    stops = timed(order, calls, of, courier=1)
    if not all(calls[stop.call].opens <= stop.arrives <= calls[stop.call].closes for stop in stops):
        return False
    back = metres_between(calls[order[-1]].spot, of.base) / of.speed
    return stops[-1].leaves + back <= of.ends


@pytest.mark.parametrize("seed", range(6))
def test_no_order_is_shorter_on_small_cases(seed):
    calls = calls_near(6, seed)
    (route,), left_out = plan_round(calls, shift())
    best = min(length_of(order, calls, shift()) for order in permutations(range(6)))
    assert not left_out
    assert length_of([stop.call for stop in route], calls, shift()) == best


@pytest.mark.parametrize("seed", range(4))
def test_no_order_is_shorter_with_windows(seed):
    calls = calls_near(5, seed)
    calls[seed % 5] = Call(calls[seed % 5].spot, NINE, NINE + 900)
    calls[(seed + 2) % 5] = Call(calls[(seed + 2) % 5].spot, SEVEN - 7_200, SEVEN - 3_600)
    (route,), left_out = plan_round(calls, shift())
    order = [stop.call for stop in route]
    possible = [length_of(one, calls, shift()) for one in permutations(range(5)) if is_possible(one, calls, shift())]
    assert not left_out
    assert is_possible(order, calls, shift())
    assert length_of(order, calls, shift()) == min(possible)


def test_the_same_calls_and_seed_give_the_same_round():
    calls = calls_near(25, 7)
    assert plan_round(calls, shift(), seed=3) == plan_round(calls, shift(), seed=3)


def test_what_does_not_fit_is_left_out_and_named():
    far = Call(Spot(BASE.latitude + 3, BASE.longitude), NINE, NINE + 600)
    calls = [*calls_near(3, 1), far]
    (route,), left_out = plan_round(calls, shift())
    assert left_out == [3]
    assert {stop.call for stop in route} == {0, 1, 2}
    short = shift(ends=NINE + 1_200)
    routes, left_out = plan_round(calls_near(8, 2), short)
    assert left_out
    for one in routes:
        assert is_possible([stop.call for stop in one], calls_near(8, 2), short)


def test_two_couriers_share_what_one_cannot_do():
    calls = calls_near(8, 2)
    tight = {"ends": NINE + 2_400, "stop_seconds": 300}
    alone = plan_round(calls, shift(**tight))[1]
    routes, together = plan_round(calls, shift(couriers=2, **tight))
    assert len(together) < len(alone)
    assert [stop.courier for route in routes for stop in route] == sorted(s.courier for route in routes for s in route)


def test_nothing_to_do_and_one_door_for_all():
    assert plan_round([], shift()) == ([], [])
    same = [Call(BASE, NINE, SEVEN)] * 4
    (route,), left_out = plan_round(same, shift())
    assert (len(route), left_out, sum(stop.metres for stop in route)) == (4, [], 0)
    assert [stop.arrives for stop in route] == [NINE + 240 * number for number in range(4)]


def test_metres_by_road():
    madrid, valencia = Spot(40.4168, -3.7038), Spot(39.4699, -0.3763)
    assert 380_000 < metres_between(madrid, valencia) < 410_000  # 302 km as the crow flies
    assert metres_between(madrid, madrid) == 0
