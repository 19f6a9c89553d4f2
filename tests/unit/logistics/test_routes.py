"""Legs over a lane graph: the best way by each aim, checked against trying every way."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from core.money import Money
from logistics.network.rules import BUYER, MOST_LEGS, SELLER, Aim, Leg, LegKind, plan_route, weight_of


def leg(start, end, *, cents=100, days=1, on_time=95, hours=0, service="s"):
    return Leg(
        start=start, end=end, service_code=service, service_name=service, carrier_code=f"c-{service}", carrier_name="C",
        price=Money(cents, "EUR"), usual_days=days, latest_days=days + 1, hours=hours, on_time_percent=on_time,
        on_time_parcels=50,
    )  # fmt: skip


WAYS = [
    leg(SELLER, "A"), leg("A", BUYER, cents=2_000, days=9, on_time=99, service="post"),
    leg("A", "B", cents=300, days=1, on_time=80, hours=6, service="air"),
    leg("A", "B", cents=200, days=3, on_time=90, hours=6, service="road"), leg("B", BUYER, hours=6, service="courier"),
]  # fmt: skip


def test_each_aim_has_its_own_way():
    services = {aim: [part.service_code for part in plan_route(WAYS, aim).legs] for aim in Aim}
    assert services[Aim.COST] == ["s", "road", "courier"]
    assert services[Aim.SPEED] == ["s", "air", "courier"]
    assert services[Aim.RELIABILITY] == ["s", "post"]


def test_a_route_adds_up():
    route = plan_route(WAYS, Aim.COST)
    assert route.price == Money(400, "EUR")
    assert (route.usual_days, route.latest_days) == (6, 9)  # twelve hours at hubs are a day
    assert route.on_time_percent == round(95 * 0.9 * 0.95)
    assert [part.kind for part in route.legs] == [LegKind.PICKUP, LegKind.LINE_HAUL, LegKind.LAST_MILE]
    assert route.carriers == 3


def test_no_way_is_none():
    assert plan_route([], Aim.COST) is None
    assert plan_route([leg(SELLER, "A"), leg("B", BUYER)], Aim.COST) is None
    chain = [SELLER, *"ABCDEF", BUYER]
    assert plan_route([leg(a, b) for a, b in itertools.pairwise(chain)], Aim.COST) is None  # seven legs are too many


def test_figures_nobody_has_count_as_nine_in_ten():
    unknown = leg("A", BUYER, on_time=None)
    assert unknown.share_on_time == 0.9
    worse, better = leg("A", BUYER, on_time=89, service="worse"), leg("A", BUYER, on_time=91, service="better")
    best = plan_route([leg(SELLER, "A"), unknown, worse, better], Aim.RELIABILITY)
    assert best.legs[1].service_code == "better"


EDGES = st.lists(
    st.tuples(
        st.sampled_from([SELLER, "A", "B", "C"]), st.sampled_from(["A", "B", "C", BUYER]), st.integers(1, 500),
        st.integers(1, 5), st.integers(50, 100),
    ).filter(lambda edge: edge[0] != edge[1]),
    max_size=9,
)  # fmt: skip


def every_way(legs, at=SELLER, way=()):
    if at == BUYER:
        yield way
    elif len(way) < MOST_LEGS:
        for part in legs:
            if part.start == at:
                yield from every_way(legs, part.end, (*way, part))


@given(EDGES, st.sampled_from(list(Aim)))
def test_no_other_way_is_better(edges, aim):
    legs = [leg(a, b, cents=c, days=d, on_time=o, service=f"s{number}") for number, (a, b, c, d, o) in enumerate(edges)]
    best = plan_route(legs, aim)
    weights = [
        tuple(sum(column) for column in zip(*(weight_of(part, aim) for part in way), strict=True))
        for way in every_way(legs)
    ]
    if best is None:
        assert not weights
    else:
        mine = tuple(sum(column) for column in zip(*(weight_of(part, aim) for part in best.legs), strict=True))
        assert mine == min(weights)
