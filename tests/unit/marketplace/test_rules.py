"""Pure rules of the marketplace: attributes, identifiers, addresses, parcels, fingerprints."""

from dataclasses import dataclass, replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput
from marketplace.addresses.rules import checked_address
from marketplace.carts.rules import combined_parcel
from marketplace.catalog.rules import checked_attributes, checked_gtin, quality_tips
from marketplace.contracts import Place
from marketplace.orders.rules import purchase_fingerprint
from marketplace.search.rules import MAX_WORDS, words_of
from marketplace.search.text import fold
from marketplace.sellers.rules import is_good_slug, missing_for_verification, slug_of

SCHEMA = [
    {"code": "colour", "kind": "CHOICE", "choices": ["red", "blue"], "required": True},
    {"code": "width_cm", "kind": "NUMBER", "choices": []},
    {"code": "note", "kind": "TEXT", "choices": []},
]
HOME = Place(name="Ana", street="Calle 1", city="Valencia", postcode="46003", country="ES")


def test_attributes_fit_the_schema():
    assert checked_attributes(SCHEMA, {"colour": "red", "width_cm": "120", "note": " x "}) == {
        "colour": "red", "width_cm": 120, "note": "x",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "attributes.colour"), ({"colour": "green"}, "attributes.colour"),
        ({"colour": "red", "width_cm": "12.5"}, "attributes.width_cm"),
        ({"colour": "red", "width_cm": -1}, "attributes.width_cm"), ({"colour": "red", "size": 1}, "attributes.size"),
        ({"colour": ["red"]}, "attributes.colour"),
    ],
)  # fmt: skip
def test_attributes_that_do_not_fit_name_their_field(values, field):
    with pytest.raises(InvalidInput) as refused:
        checked_attributes(SCHEMA, values)
    assert refused.value.field == field


def test_gtins():
    assert checked_gtin("") == ""
    assert checked_gtin("4006381-333931") == "4006381333931"
    for wrong in ("4006381333932", "123", "abcdefgh"):
        with pytest.raises(InvalidInput):
            checked_gtin(wrong)


@given(st.text(max_size=120))
def test_a_slug_made_from_any_name_is_usable_or_reserved(name):
    slug = slug_of(name)
    assert len(slug) <= 60
    assert is_good_slug(slug) or slug in {"shop", "admin", "api", "shops", "search", "help", "about", "lonja", "sell",
                                          "seller"}  # fmt: skip


@pytest.mark.parametrize("slug", ["", "ab", "-abc", "abc-", "Abc", "a b", "admin", "a" * 61, "ñandú"])
def test_bad_slugs(slug):
    assert not is_good_slug(slug)


def test_businesses_need_their_registration_number():
    facts = {"legal_name": "X SL", "registration_number": " ", "street": "s", "city": "c", "postcode": "1"}
    assert missing_for_verification(kind="BUSINESS", **facts) == ["registration_number"]
    assert missing_for_verification(kind="INDIVIDUAL", **facts) == []


@pytest.mark.parametrize(
    ("country", "good", "bad"),
    [("ES", "46003", "99999"), ("PT", "1000-001", "1000"), ("NL", "1011 AB", "1011"), ("PL", "00-950", "950"),
     ("US", "10001", "1000"), ("DE", "10115", "1011")],
)  # fmt: skip
def test_postcodes_by_country(country, good, bad):
    assert checked_address(replace(HOME, country=country, postcode=f" {good} ")).postcode == good
    with pytest.raises(InvalidInput) as refused:
        checked_address(replace(HOME, country=country, postcode=bad))
    assert refused.value.field == "postcode"


@pytest.mark.parametrize("field", ["name", "street", "city", "postcode"])
def test_an_address_is_whole(field):
    with pytest.raises(InvalidInput) as refused:
        checked_address(replace(HOME, **{field: "  "}))
    assert refused.value.field == field


@dataclass
class Piece:
    weight_grams: int
    length_mm: int
    width_mm: int
    height_mm: int
    marks: list[str]


pieces = st.tuples(*(st.integers(1, 900) for _ in range(5)))


@given(st.lists(pieces, min_size=1, max_size=8))
def test_a_combined_parcel_holds_every_piece_and_its_weight(items):
    parcel = combined_parcel((q, Piece(*rest, marks=["FRAGILE"])) for q, *rest in items)
    assert parcel.marks == {"FRAGILE"}
    assert parcel.weight_grams == sum(q * g for q, g, *_ in items)
    volume = sum(q * a * b * c for q, _g, a, b, c in items)
    assert parcel.length_mm * parcel.width_mm * parcel.height_mm >= volume
    for _q, _g, *sides in items:
        longest, middle, shortest = sorted(sides, reverse=True)
        assert (parcel.length_mm, parcel.width_mm) >= (longest, 0)
        assert parcel.width_mm >= middle
        assert parcel.height_mm >= shortest


def test_a_fingerprint_tells_purchases_apart_but_not_the_order_of_things():
    one, two = UUID(int=1), UUID(int=2)
    first = purchase_fingerprint(address=HOME, delivery={one: "a", two: "b"}, quantities={one: 1, two: 2})
    same = purchase_fingerprint(address=HOME, delivery={two: "b", one: "a"}, quantities={two: 2, one: 1})
    assert first == same
    assert first != purchase_fingerprint(address=HOME, delivery={one: "a", two: "b"}, quantities={one: 1, two: 3})
    assert first != purchase_fingerprint(
        address=replace(HOME, street="Calle 2"), delivery={one: "a", two: "b"}, quantities={one: 1, two: 2}
    )


@given(st.text(max_size=300))
def test_any_text_becomes_bounded_words(text):
    words = words_of(text)
    assert len(words) <= MAX_WORDS
    assert all(word.strip() for word in words)
    assert fold("Ñandú") == "nandu"


def test_quality_is_full_when_nothing_is_left_to_do():
    score, tips = quality_tips(
        title="x" * 30,
        description="y" * 300,
        photo_count=3,
        described=3,
        filled_attributes=2,
        attribute_count=2,
        has_gtin=True,
    )
    assert (score, tips) == (100, [])
    score, tips = quality_tips(
        title="x", description="y", photo_count=0, described=0, filled_attributes=0, attribute_count=2, has_gtin=False
    )
    assert score == 0
    assert len(tips) == 7
