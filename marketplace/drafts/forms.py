"""The listing form in steps."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from core.web.forms import FilesField, FilesInput
from marketplace.catalog.forms import ATTRIBUTE_PREFIX, ListingForm, SafetyForm
from marketplace.contracts import ListingInput
from marketplace.drafts.models import ListingDraft
from marketplace.drafts.services import Typed
from marketplace.drafts.steps import Step

_FIELDS = {
    Step.WHAT: ("title", "description", "condition", "brand"),
    Step.PRICE: ("price", "stock", "sku", "gtin"),
    Step.PARCEL: ("weight_grams", "length_mm", "width_mm", "height_mm", "handling_days"),
}


class PicturesForm(forms.Form):
    """Several pictures at once."""

    pictures = FilesField(
        label=_("Pictures"), required=False, widget=FilesInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
        help_text=_("JPEG, PNG or WebP, at most 8 MB each. Up to 8; the first one is shown in search."),
    )  # fmt: skip


def is_of(step: Step, name: str) -> bool:
    """Whether a field of the listing form belongs to a step."""
    return name in _FIELDS.get(step, ()) or (step is Step.WHAT and name.startswith(ATTRIBUTE_PREFIX))


def form_of(draft: ListingDraft, step: Step, *, is_checked: bool) -> forms.Form:
    """The fields of one step with what was typed; `is_checked`: with what is wrong."""
    data = MultiValueDict({name: _several(value) for name, value in draft.values.items()}) if is_checked else None
    if step is Step.SAFETY:
        return SafetyForm(data, initial={**own_safety(draft), **draft.values})
    initial = {"handling_days": draft.seller.handling_days, **draft.values}
    form = ListingForm(data, category=draft.category, currency=draft.seller.currency, initial=initial)
    for name in [name for name in form.fields if not is_of(step, name)]:
        del form.fields[name]
    return form


def _several(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]


def own_safety(draft: ListingDraft) -> dict[str, str]:
    """At first the seller is offered as the maker."""
    seller = draft.seller
    return {
        "maker_name": seller.legal_name, "maker_address": f"{seller.street}, {seller.postcode} {seller.city}",
        "maker_country": seller.country,
    }  # fmt: skip


def typed_in(data: Any, draft: ListingDraft, step: Step) -> Typed:
    """What a request says of a step's fields; a group of boxes with none ticked is there too."""
    fields = form_of(draft, step, is_checked=False).fields
    several = {name for name, field in fields.items() if isinstance(field, forms.MultipleChoiceField)}
    return {name: data.getlist(name) if name in several else data.get(name, "") for name in fields}


class WholeForm(ListingForm):
    """All steps together: what the check looks at."""

    def __init__(self, draft: ListingDraft) -> None:
        data = MultiValueDict({name: _several(value) for name, value in draft.values.items()})
        super().__init__(data, category=draft.category, currency=draft.seller.currency)
        self.safety_form = SafetyForm(data) if draft.category.needs_safety else None

    def is_valid(self) -> bool:
        return super().is_valid() and (self.safety_form is None or self.safety_form.is_valid())

    def listing_input(self) -> ListingInput:
        listing = super().listing_input()
        if self.safety_form is None:
            return listing
        return ListingInput(**{**vars(listing), "safety": self.safety_form.safety()})

    def problems(self) -> list[tuple[Step, str, str]]:
        """(step, field, what is wrong) of everything that keeps it from being listed."""
        found = []
        for name, errors in self.errors.items():
            step = next(step for step in (Step.PRICE, Step.PARCEL, Step.WHAT) if is_of(step, name) or step is Step.WHAT)
            found.append((step, str(self[name].label), str(errors[0])))
        safety = self.safety_form.errors if self.safety_form is not None else {}
        found += [(Step.SAFETY, str(self.safety_form[name].label), str(e[0])) for name, e in safety.items()]  # type: ignore[index]
        return found
