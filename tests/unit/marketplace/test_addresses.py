"""Addresses as countries write them."""

from dataclasses import replace

import pytest

from core.errors import InvalidInput
from core.identity.countries import COUNTRIES
from marketplace.addresses.rules import address_lines, checked_address, complete_address, layout_of, shipping_address
from marketplace.contracts import Place

MADRID = Place(name="Ana", street="Calle Mayor 1", city="Madrid", postcode="28013", country="ES")


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_country_has_a_form_with_a_recipient_and_a_street(country):
    layout = layout_of(country)
    assert {"name", "street"} <= layout.required <= set(layout.fields)
    assert len(set(layout.fields)) == len(layout.fields)
    assert len({value for value, _label in layout.regions}) == len(layout.regions)


@pytest.mark.parametrize(
    ("country", "present", "absent"),
    [("ES", "region", "district"), ("PT", "postcode", "region"), ("JP", "region", "city"), ("BR", "district", "x")],
)
def test_the_fields_are_those_of_the_country(country, present, absent):
    assert present in layout_of(country).fields
    assert absent not in layout_of(country).fields


@pytest.mark.parametrize(
    ("country", "typed", "written"),
    [("PT", "1250096", "1250-096"), ("GB", "ec1y8sy", "EC1Y 8SY"), ("CZ", "11000", "110 00"), ("SE", "114 55", "11455"),
     ("NL", "1011ab", "1011 AB"), ("US", "10001-1234", "10001-1234")],
)  # fmt: skip
def test_a_postcode_is_written_as_the_country_does(country, typed, written):
    assert checked_address(replace(MADRID, country=country, postcode=typed)).postcode == written


def test_the_postcode_tells_the_region_where_it_can():
    assert complete_address(MADRID).region == "Madrid"
    with pytest.raises(InvalidInput) as refused:
        complete_address(replace(MADRID, country="CO", postcode="111221"))
    assert refused.value.field == "region"


def test_an_address_without_its_region_stays_good_for_a_parcel():
    assert checked_address(MADRID) == MADRID


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"region": "Atlantis"}, "region"), ({"region": "Valencia"}, "postcode"), ({"country": "XX"}, "country"),
     ({"city": ""}, "city"), ({"postcode": ""}, "postcode"), ({"street": " "}, "street")],
)  # fmt: skip
def test_a_wrong_part_is_named(changes, field):
    with pytest.raises(InvalidInput) as refused:
        complete_address(replace(MADRID, **changes))
    assert refused.value.field == field


def test_some_countries_need_no_postcode_and_some_no_town():
    assert complete_address(replace(MADRID, country="MA", city="Fes", postcode="")).postcode == ""
    tokyo = complete_address(replace(MADRID, country="JP", city="Tokyo", postcode="1540023"))
    assert (tokyo.city, tokyo.region) == ("", "Tokyo")
    assert shipping_address(tokyo).city == "Tokyo", "carriers ask for a town everywhere"


@pytest.mark.parametrize(
    ("place", "lines"),
    [
        (MADRID, ["Ana", "Calle Mayor 1", "28013 Madrid"]),
        (replace(MADRID, city="Alcala", region="Madrid"), ["Ana", "Calle Mayor 1", "28013 Alcala Madrid"]),
        (Place("Ana", "1 Main St", "Austin", "78701", "US", "TX"), ["Ana", "1 Main St", "Austin, TX 78701"]),
        (Place("Ana", "1 Main St", "Austin", "", "US"), ["Ana", "1 Main St", "Austin"]),
        (Place("Ana", "Rua 1", "Salvador", "40301-110", "BR", "BA", company="Lda", district="Barra"),
         ["Lda", "Ana", "Rua 1", "Barra", "Salvador-BA", "40301-110"]),
        (Place("Ana", "Gatan 1", "Lund", "22222", "SE"), ["Ana", "Gatan 1", "SE-22222 Lund"]),
        (Place("Ana", "Street 1", "Town", "1", "ZZ"), ["Ana", "Street 1", "1 Town"]),
    ],
)  # fmt: skip
def test_an_address_is_written_line_by_line(place, lines):
    assert address_lines(place) == lines


def test_carriers_get_company_and_district():
    sent = shipping_address(Place("Ana", "Rua 1", "Salvador", "40301-110", "BR", "BA", "1", "Lda", "Barra"))
    assert (sent.name, sent.street) == ("Ana, Lda", "Rua 1, Barra")
