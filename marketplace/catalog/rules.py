"""Pure rules of listings: attributes, identifiers, quality."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from stdnum import ean

from core.errors import InvalidInput

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
    if attribute["kind"] == "NUMBER":
        try:
            number = int(str(value))
        except ValueError:
            raise InvalidInput("This must be a whole number.", field=field, remedy="Type digits only.") from None
        if not 0 < number <= 10_000_000:
            raise InvalidInput("This number is out of range.", field=field, remedy="Type a number above 0.")
        return number
    return str(value).strip()[:200]


def checked_gtin(gtin: str) -> str:
    """A GTIN-8/12/13/14 with a right check digit, or an empty string. Raises InvalidInput."""
    compact = gtin.replace(" ", "").replace("-", "")
    if not compact:
        return ""
    if not ean.is_valid(compact):
        raise InvalidInput("The GTIN's check digit is wrong.", field="gtin", remedy="Copy it from the barcode.")
    return str(ean.compact(compact))


def quality_tips(*, title: str, description: str, photo_count: int, filled_attributes: int, attribute_count: int,
                 has_gtin: bool) -> tuple[int, list[str]]:  # fmt: skip
    """A score from 0 to 100 and the codes of what would raise it most."""
    points = {
        "TITLE_LONGER": (20, len(title) >= 25),
        "DESCRIPTION_LONGER": (25, len(description) >= 200),
        "PHOTO_FIRST": (20, photo_count >= 1),
        "PHOTOS_MORE": (15, photo_count >= 3),
        "ATTRIBUTES_ALL": (15, attribute_count == 0 or filled_attributes >= attribute_count),
        "GTIN_ADD": (5, has_gtin),
    }
    score = sum(worth for worth, done in points.values() if done)
    return score, [code for code, (_worth, done) in points.items() if not done]
