"""Pure rules of listings: attributes, identifiers, quality."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from babel import Locale
from django.utils.translation import gettext as _
from stdnum import ean

from core.errors import InvalidInput
from marketplace.contracts import ProductSafety

UNION: Final = frozenset((
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU",
    "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
))  # fmt: skip
"""Where the GPSR applies: the European Union and the European Economic Area."""

COUNTRY_CODES: Final = frozenset(
    str(code) for code in Locale("en").territories if re.fullmatch("[A-Y][A-Z]", str(code)) and code not in {"EU", "UN"}
)
MAX_PHOTOS = 8
MAX_STOCK = 1_000_000
MAX_WEIGHT_GRAMS = 70_000
MAX_SIDE_MM = 3_000
MAX_HANDLING_DAYS = 60


def checked_attributes(schema: Sequence[Mapping[str, Any]], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that fit the category's typed schema. Raises InvalidInput naming `attributes.<code>`."""
    known = {attribute["code"]: attribute for attribute in schema}
    for code in values:
        if code not in known:
            raise InvalidInput(
                _("This category has no attribute %(code)s.") % {"code": code},
                field=f"attributes.{code}",
                remedy="Remove it.",
            )
    checked: dict[str, Any] = {}
    for code, attribute in known.items():
        value = values.get(code)
        if value in (None, ""):
            if attribute.get("required"):
                raise InvalidInput("This is needed here.", field=f"attributes.{code}", remedy="Choose a value.")
            continue
        checked[code] = _checked_value(attribute, value)
    return checked


def _checked_value(attribute: Mapping[str, Any], value: Any) -> Any:
    field = f"attributes.{attribute['code']}"
    if attribute["kind"] == "CHOICE":
        if value not in attribute["choices"]:
            raise InvalidInput(
                _("%(value)s is not one of the choices.") % {"value": value},
                field=field,
                remedy=_("Choose one of: %(choices)s") % {"choices": ", ".join(attribute["choices"])},
            )
        return value
    if attribute["kind"] == "MULTI":
        return _checked_choices(attribute, value)
    if attribute["kind"] == "NUMBER":
        try:
            number = int(str(value))
        except ValueError:
            raise InvalidInput("This must be a whole number.", field=field, remedy="Type digits only.") from None
        low, high = attribute.get("low") or 1, attribute.get("high") or 10_000_000
        if not low <= number <= high:
            remedy = _("Between %(low)s and %(high)s.") % {"low": low, "high": high}
            raise InvalidInput("This number is out of range.", field=field, remedy=remedy)
        return number
    return str(value).strip()[:200]


def _checked_choices(attribute: Mapping[str, Any], value: Any) -> list[str]:
    """Several of the choices, in their order; a file writes them with commas."""
    named = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
    if not isinstance(named, list) or not set(map(str, named)) <= set(attribute["choices"]):
        raise InvalidInput(
            _("%(value)s is not one of the choices.") % {"value": value}, field=f"attributes.{attribute['code']}",
            remedy=_("Choose one of: %(choices)s") % {"choices": ", ".join(attribute["choices"])},
        )  # fmt: skip
    return [choice for choice in attribute["choices"] if choice in named]


def checked_safety(safety: ProductSafety, *, is_needed: bool) -> dict[str, str]:
    """The filled fields, trimmed. Raises InvalidInput naming `safety.<field>`.

    Where a category needs them: the maker with postal and e-mail address, and for a maker outside the Union the person
    responsible inside it (GPSR, art. 19 with art. 16).
    """
    filled = {name: text.strip()[:1000] for name, text in vars(safety).items() if text.strip()}
    if "maker_country" in filled and filled["maker_country"] not in COUNTRY_CODES:
        raise InvalidInput("Choose a country.", field="safety.maker_country", remedy="Two letters, such as ES.")
    needed = ["maker_name", "maker_address", "maker_email", "maker_country"] if is_needed else []
    if is_needed and filled.get("maker_country") not in UNION:
        needed += ["person_name", "person_address", "person_email"]
    for name in needed:
        if name not in filled:
            raise InvalidInput(
                "The law asks for this here.", field=f"safety.{name}", remedy="Copy it from the label or the packaging."
            )
    for name in ("maker_email", "person_email"):
        if name in filled and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", filled[name]):
            raise InvalidInput(
                "This is not an e-mail address.", field=f"safety.{name}", remedy="Write name@example.org."
            )
    return filled


def checked_gtin(gtin: str) -> str:
    """A GTIN-8/12/13/14 with a right check digit, or an empty string. Raises InvalidInput."""
    compact = gtin.replace(" ", "").replace("-", "")
    if not compact:
        return ""
    if not ean.is_valid(compact):
        raise InvalidInput("The GTIN's check digit is wrong.", field="gtin", remedy="Copy it from the barcode.")
    return str(ean.compact(compact))


def quality_tips(*, title: str, description: str, photo_count: int, described: int, filled_attributes: int, attribute_count: int,
                 has_gtin: bool) -> tuple[int, list[str]]:  # fmt: skip
    """A score from 0 to 100 and the codes of what would raise it most. `described`: pictures that say what they show."""
    points = {
        "TITLE_LONGER": (20, len(title) >= 25),
        "DESCRIPTION_LONGER": (25, len(description) >= 200),
        "PHOTO_FIRST": (20, photo_count >= 1),
        "PHOTOS_MORE": (10, photo_count >= 3),
        "PHOTOS_DESCRIBED": (5, 0 < photo_count <= described),
        "ATTRIBUTES_ALL": (15, attribute_count == 0 or filled_attributes >= attribute_count),
        "GTIN_ADD": (5, has_gtin),
    }
    score = sum(worth for worth, done in points.values() if done)
    return score, [code for code, (_worth, done) in points.items() if not done]
