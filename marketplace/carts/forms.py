"""Forms of the cart and the address book."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from core.identity.countries import country_choices
from marketplace.carts.rules import MAX_QUANTITY
from marketplace.contracts import Place


class QuantityForm(forms.Form):
    quantity = forms.IntegerField(label=_("Quantity"), min_value=0, max_value=MAX_QUANTITY, initial=1)


class AddressForm(forms.Form):
    """Where the parcels go."""

    name = forms.CharField(label=_("Recipient"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    street = forms.CharField(
        label=_("Street and number"), max_length=160, widget=forms.TextInput(attrs={"autocomplete": "street-address"})
    )
    postcode = forms.CharField(
        label=_("Postcode"), max_length=16, widget=forms.TextInput(attrs={"autocomplete": "postal-code"})
    )
    city = forms.CharField(
        label=_("Town"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "address-level2"})
    )
    region = forms.CharField(
        label=_("Region"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "address-level1"}),
    )
    country = forms.ChoiceField(
        label=_("Country"), choices=country_choices, widget=forms.Select(attrs={"autocomplete": "country"})
    )
    phone = forms.CharField(
        label=_("Telephone for the carrier"), max_length=32, required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )  # fmt: skip

    def address(self) -> Place:
        return Place(**{name: self.cleaned_data[name] for name in Place.__dataclass_fields__})
