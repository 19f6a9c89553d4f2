"""Cartons: everything is packed once, nothing is over its limit, and every piece has a place of its own by its sides."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from logistics.contracts import HandlingMark, ParcelSpec, Piece
from logistics.packing.rules import WALL_MM, Box, Unit, is_plain, lay, open_load, pack, rest_of

BOXES = (
    Box("S", (350, 250, 150), 150, 8_000),
    Box("M", (450, 350, 300), 350, 15_000),
    Box("L", (600, 400, 400), 600, 19_000),
)
sides = st.integers(5, 700)
pieces = st.lists(
    st.builds(
        lambda key, quantity, grams, a, b, c: Piece(str(key), quantity, ParcelSpec(grams, a, b, c)),
        st.integers(0, 99), st.integers(1, 9), st.integers(1, 22_000), sides, sides, sides,
    ), min_size=1, max_size=6, unique_by=lambda piece: piece.key,
)  # fmt: skip


@given(pieces)
def test_everything_is_packed_once_and_nothing_is_over_a_limit(wanted):
    parcels = pack(wanted, BOXES)
    packed = Counter()
    units = {piece.key: piece.unit for piece in wanted}
    for parcel in parcels:
        packed.update(dict(parcel.contents))
        inside = [Unit(key, units[key]) for key, quantity in parcel.contents for _ in range(quantity)]
        grams = sum(unit.spec.weight_grams for unit in inside)
        if not parcel.carton:
            assert parcel.spec == inside[0].spec
            assert len(inside) == 1
            continue
        box = next(box for box in BOXES if box.name == parcel.carton)
        assert grams <= box.most_grams
        assert parcel.spec.weight_grams == grams + box.tare_grams
        assert sum(unit.volume for unit in inside) <= box.volume
        assert sorted((parcel.spec.length_mm, parcel.spec.width_mm, parcel.spec.height_mm)) == [
            side + 2 * WALL_MM for side in sorted(box.size)
        ]
        for unit in inside:
            assert all(a <= b for a, b in zip(sorted(unit.size), sorted(box.size), strict=True))
    assert packed == Counter({piece.key: piece.quantity for piece in wanted})
    assert pack(list(reversed(wanted)), BOXES) == parcels


@given(st.tuples(sides, sides, sides), st.tuples(sides, sides, sides))
def test_what_is_left_of_a_space_is_all_of_it_and_nothing_twice(size, space):
    laid = lay(size, space)
    fits = all(a <= b for a, b in zip(sorted(size), sorted(space), strict=True))
    assert (laid is not None) == fits
    if laid is not None:
        rests = rest_of(space, laid)
        volume = sum(a * b * c for a, b, c in (*rests, laid))
        assert volume == space[0] * space[1] * space[2]
        assert all(side >= 0 for rest in rests for side in rest)


def test_a_load_never_takes_more_than_it_has_room_for():
    load = open_load(Box("cube", (200, 200, 200), 0, 99_000))
    cube = Unit("a", ParcelSpec(100, 100, 100, 100))
    assert [load.takes(cube) for _ in range(9)] == [True] * 8 + [False]


def test_the_smallest_carton_that_takes_it_and_the_care_it_needs():
    fragile = ParcelSpec(500, 200, 100, 100, marks=frozenset({HandlingMark.FRAGILE}))
    (parcel,) = pack([Piece("a", 2, fragile), Piece("b", 1, ParcelSpec(300, 100, 100, 50))], BOXES)
    assert parcel.carton == "S"
    assert parcel.contents == (("a", 2), ("b", 1))
    assert parcel.spec.marks == {HandlingMark.FRAGILE}


def test_what_fits_no_carton_travels_as_it_is():
    pole = ParcelSpec(3_000, 1_800, 50, 50)
    assert [(parcel.carton, parcel.spec) for parcel in pack([Piece("pole", 2, pole)], BOXES)] == [("", pole)] * 2


def test_what_is_like_any_parcel_needs_no_carton():
    assert is_plain(ParcelSpec(5_000, 400, 300, 200), 3)
    assert is_plain(ParcelSpec(40_000, 1_800, 300, 200), 1)
    assert not is_plain(ParcelSpec(25_000, 400, 300, 200), 3)
    assert not is_plain(ParcelSpec(5_000, 400, 300, 1_200), 3)
