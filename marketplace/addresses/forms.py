"""An address as its country writes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.errors import InvalidInput
from core.identity.countries import COUNTRIES, country_choices
from core.web.actions import add_error
from marketplace.addresses.rules import Layout, complete_address, layout_of
from marketplace.contracts import Place

CHANGE = "change_country"
"""The button of browsers without scripts: show the form of the country that was chosen, keep what was typed."""
REGIONS = {
    "province": _("Province"), "state": _("State"), "county": _("County"), "prefecture": _("Prefecture"),
    "department": _("Department"),
}  # fmt: skip
TOWNS = {"city": _("Town"), "post_town": _("Post town"), "district": _("District")}
DISTRICTS = {
    "neighborhood": _("Neighbourhood"), "district": _("District"), "townland": _("Townland"), "suburb": _("Suburb"),
}  # fmt: skip
POSTCODES = {"zip": _("ZIP code"), "eircode": _("Eircode")}


def _text(label: Any, autocomplete: str, max_length: int, *, required: bool = True) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, max_length=max_length, required=required, widget=widget)


class AddressForm(forms.Form):
    """Where the parcels go. The country decides which fields there are, their order, their names and what is needed.

    A form that asks for more names its own fields in `own_names`; they come first.
    """

    own_names: ClassVar[tuple[str, ...]] = ()

    country = forms.ChoiceField(
        label=_("Country"), choices=country_choices,
        widget=forms.Select(
            attrs={
                "autocomplete": "country", "hx-post": "", "hx-trigger": "change", "hx-target": "#address-fields",
                "hx-swap": "outerHTML", "hx-vals": f'{{"{CHANGE}": "1"}}',
            }
        ),
    )  # fmt: skip
    name = _text(_("Recipient"), "name", 120)
    company = _text(_("Company"), "organization", 120, required=False)
    street = _text(_("Street and number"), "street-address", 160)
    district = _text(_("District"), "address-level3", 80, required=False)
    postcode = _text(_("Postcode"), "postal-code", 16)
    city = _text(_("Town"), "address-level2", 80)
    region = _text(_("Region"), "address-level1", 80)
    phone = forms.CharField(
        label=_("Telephone for the carrier"), max_length=32, required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        said = self.data.get(self.add_prefix("country")) if self.is_bound else self.initial.get("country")
        layout = layout_of(said if said in COUNTRIES else "ES")
        self._fit(layout)
        self.order_fields([*self.own_names, "country", *layout.fields, "phone"])

    @classmethod
    def of(cls, request: HttpRequest, *, initial: Mapping[str, Any], **more: Any) -> Self:
        """The form of a request. Another country was chosen: its fields, with what was typed, and no complaints yet."""
        if request.method == "POST" and CHANGE in request.POST:
            return cls(initial=request.POST.dict(), **more)
        return cls(request.POST or None, request.FILES or None, initial=dict(initial), **more)

    def _fit(self, layout: Layout) -> None:
        for name in {"name", "company", "street", "district", "postcode", "city", "region"}:
            if name not in layout.fields:
                del self.fields[name]
            else:
                self.fields[name].required = name in layout.required
        names = (("region", REGIONS), ("city", TOWNS), ("district", DISTRICTS), ("postcode", POSTCODES))
        for name, labels in names:
            if name in self.fields and layout.kinds[name] in labels:
                self.fields[name].label = labels[layout.kinds[name]]
        if layout.examples:
            self.fields["postcode"].help_text = _("For example %(example)s.") % {"example": layout.examples[0]}
        if layout.regions:
            self._choose_region(layout)

    def _choose_region(self, layout: Layout) -> None:
        """A list where the country has one; left empty, the postcode says it."""
        by_postcode = bool(layout.prefixes)
        first = _("By the postcode") if by_postcode else _("Choose")
        label, required = self.fields["region"].label, self.fields["region"].required and not by_postcode
        widget = forms.Select(attrs={"autocomplete": "address-level1"})
        field = forms.ChoiceField(label=label, required=required, choices=[("", first), *layout.regions], widget=widget)
        self.fields["region"] = field
        if not self.is_bound and self.initial.get("region") not in dict(layout.regions):
            self.initial = {**self.initial, "region": ""}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors:
            try:
                self._address = complete_address(self._typed())
            except InvalidInput as error:
                add_error(self, error)
        return data

    def _typed(self) -> Place:
        return Place(**{name: self.cleaned_data.get(name, "") for name in Place.__dataclass_fields__})

    def address(self) -> Place:
        """The checked address; of a valid form."""
        return self._address

    @property
    def own_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.own_names]

    @property
    def address_fields(self) -> list[forms.BoundField]:
        """What changes with the country."""
        return [self[name] for name in self.fields if name not in {*self.own_names, "country"}]
