"""Forms of the listing editor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.web.forms import ImageUploadField, MoneyField
from marketplace.catalog import rules
from marketplace.catalog.models import Category, Listing
from marketplace.contracts import ListingInput

ATTRIBUTE_PREFIX = "attribute_"


class ListingForm(forms.Form):
    """A listing with the typed attributes of its category."""

    title = forms.CharField(label=_("Title"), max_length=140, help_text=_("What it is, of what, how large."))
    description = forms.CharField(
        label=_("Description"), max_length=8000, widget=forms.Textarea(attrs={"rows": 7}),
        help_text=_("How it is made, what it is good for, how to care for it."),
    )  # fmt: skip
    stock = forms.IntegerField(label=_("Pieces in stock"), min_value=0, max_value=rules.MAX_STOCK, initial=1)
    condition = forms.ChoiceField(label=_("Condition"), choices=Listing.Condition.choices, initial="NEW")
    weight_grams = forms.IntegerField(
        label=_("Weight, packed (g)"), min_value=1, max_value=rules.MAX_WEIGHT_GRAMS,
        help_text=_("Delivery is priced by this."),
    )  # fmt: skip
    length_mm = forms.IntegerField(label=_("Length, packed (mm)"), min_value=1, max_value=rules.MAX_SIDE_MM)
    width_mm = forms.IntegerField(label=_("Width, packed (mm)"), min_value=1, max_value=rules.MAX_SIDE_MM)
    height_mm = forms.IntegerField(label=_("Height, packed (mm)"), min_value=1, max_value=rules.MAX_SIDE_MM)
    handling_days = forms.IntegerField(
        label=_("Working days to get it ready"), min_value=0, max_value=rules.MAX_HANDLING_DAYS, initial=2
    )
    brand = forms.CharField(label=_("Brand"), max_length=80, required=False)
    gtin = forms.CharField(
        label=_("Barcode number (GTIN, EAN)"), max_length=20, required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip

    def __init__(self, *args: Any, category: Category, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.category = category
        self.fields["price"] = MoneyField(currency=currency, label=_("Price of one piece"))
        names = []
        for attribute in category.attributes:
            name = ATTRIBUTE_PREFIX + attribute["code"]
            self.fields[name] = _attribute_field(attribute)
            names.append(name)
        self.order_fields(["title", "description", "price", "stock", *names])

    @staticmethod
    def values_of(listing: Listing) -> dict[str, Any]:
        """Initial values of an existing listing."""
        names = ("title", "description", "condition", "weight_grams", "length_mm", "width_mm", "height_mm",
                 "handling_days", "brand", "gtin")  # fmt: skip
        values = {name: getattr(listing, name) for name in names}
        values |= {"price": listing.price, "stock": listing.stock.on_hand}
        values |= {ATTRIBUTE_PREFIX + code: value for code, value in listing.attributes.items()}
        return values

    def listing_input(self) -> ListingInput:
        values = dict(self.cleaned_data)
        attributes = {
            name.removeprefix(ATTRIBUTE_PREFIX): values.pop(name)
            for name in list(values)
            if name.startswith(ATTRIBUTE_PREFIX)
        }
        filled = {code: value for code, value in attributes.items() if value not in (None, "")}
        return ListingInput(category_code=self.category.code, attributes=filled, **values)


def _attribute_field(attribute: Mapping[str, Any]) -> forms.Field:
    language = "es" if (get_language() or "en").startswith("es") else "en"
    label = attribute[language] + (f" ({attribute['unit']})" if attribute.get("unit") else "")
    required = bool(attribute.get("required"))
    if attribute["kind"] == "CHOICE":
        choices = [("", "—"), *((choice, choice) for choice in attribute["choices"])]
        return forms.ChoiceField(label=label, choices=choices, required=required)
    if attribute["kind"] == "NUMBER":
        return forms.IntegerField(label=label, min_value=1, required=required)
    return forms.CharField(label=label, max_length=200, required=required)


class PhotoForm(forms.Form):
    """One picture with what it shows."""

    photo = ImageUploadField(label=_("Picture"), help_text=_("JPEG, PNG or WebP, at most 8 MB."))
    alt = forms.CharField(
        label=_("What it shows"), max_length=160, required=False, help_text=_("Read out to people who cannot see it.")
    )


class QuickForm(forms.Form):
    """Price and stock in the list."""

    stock = forms.IntegerField(label=_("Stock"), min_value=0, max_value=rules.MAX_STOCK)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["price"] = MoneyField(currency=currency, label=_("Price"))
