"""Steps and tips in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from marketplace.catalog.forms import ATTRIBUTE_PREFIX
from marketplace.catalog.views import tip_text
from marketplace.drafts.steps import Step

_STEP_OF_TIP: Final = {"PHOTO_FIRST": Step.PICTURES, "PHOTOS_MORE": Step.PICTURES, "PHOTOS_DESCRIBED": Step.PICTURES,
                       "GTIN_ADD": Step.PRICE}  # fmt: skip


def step_title(step: Step) -> str:
    return {
        Step.WHAT: _("What it is"), Step.PICTURES: _("Pictures"), Step.PRICE: _("Price and stock"),
        Step.PARCEL: _("Parcel"), Step.SAFETY: _("Product safety"), Step.CHECK: _("Check"),
    }[step]  # fmt: skip


def tip_with_step(tip: str) -> tuple[str, str]:
    """(what would make it better, the step where that is done)."""
    return tip_text(tip), _STEP_OF_TIP.get(tip, Step.WHAT).value


def attributes_shown(schema: Sequence[Mapping[str, Any]], values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(property, what was typed) of those that are filled."""
    language = "es" if (get_language() or "en").startswith("es") else "en"
    typed = [(one[language], values.get(ATTRIBUTE_PREFIX + one["code"])) for one in schema]
    return [(title, ", ".join(value) if isinstance(value, list) else value) for title, value in typed if value]
