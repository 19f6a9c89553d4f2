"""Forms of the listing editor."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from babel import Locale
from django import forms
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.web.forms import ImageUploadField, MoneyField
from marketplace.catalog import rules
from marketplace.catalog.models import Category, Listing
from marketplace.catalog.terms import MAX_MINIMUM, MAX_TIERS
from marketplace.contracts import ListingInput, PriceTier, ProductSafety, SellingTerms

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

    sku = forms.CharField(label=_("Your own number (SKU)"), max_length=60, required=False)

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

    @property
    def names_of_fields(self) -> dict[str, str]:
        """Field of a refusal -> field of the form, where they differ."""
        return {f"attributes.{a['code']}": ATTRIBUTE_PREFIX + a["code"] for a in self.category.attributes}

    @staticmethod
    def values_of(listing: Listing) -> dict[str, Any]:
        """Initial values of an existing listing."""
        names = ("title", "description", "condition", "weight_grams", "length_mm", "width_mm", "height_mm",
                 "handling_days", "brand", "gtin", "sku")  # fmt: skip
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
        filled = {code: value for code, value in attributes.items() if value not in (None, "", [])}
        return ListingInput(category_code=self.category.code, attributes=filled, **values)


def _attribute_field(attribute: Mapping[str, Any]) -> forms.Field:
    language = "es" if (get_language() or "en").startswith("es") else "en"
    label = attribute[language] + (f" ({attribute['unit']})" if attribute.get("unit") else "")
    required = bool(attribute.get("required"))
    if attribute["kind"] == "CHOICE":
        choices = [("", "—"), *((choice, choice) for choice in attribute["choices"])]
        return forms.ChoiceField(label=label, choices=choices, required=required)
    if attribute["kind"] == "MULTI":
        several = [(choice, choice) for choice in attribute["choices"]]
        return forms.MultipleChoiceField(
            label=label, choices=several, required=required, widget=forms.CheckboxSelectMultiple
        )
    if attribute["kind"] == "NUMBER":
        low, high = attribute.get("low") or 1, attribute.get("high")
        return forms.IntegerField(label=label, min_value=low, max_value=high, required=required)
    return forms.CharField(label=label, max_length=200, required=required)


class TermsForm(forms.Form):
    """Minimum, pack, unit, and up to six steps of price by quantity."""

    min_quantity = forms.IntegerField(
        label=_("Fewest you sell"), min_value=1, max_value=MAX_MINIMUM, help_text=_("Smaller orders are refused.")
    )
    pack_size = forms.IntegerField(
        label=_("Sold in packs of"), min_value=1, max_value=MAX_MINIMUM, help_text=_("1 when pieces are sold singly.")
    )
    unit = forms.ChoiceField(label=_("Unit of the price"), choices=Listing.Unit.choices)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(MAX_TIERS):
            names = {"n": number + 1}
            self.fields[f"from_{number}"] = forms.IntegerField(
                label=_("Step %(n)s: from how many") % names,
                min_value=2,
                max_value=MAX_MINIMUM,
                required=False,
                widget=forms.NumberInput(attrs={"class": "input short"}),
            )
            self.fields[f"price_{number}"] = MoneyField(
                currency=currency, label=_("Step %(n)s: price of one") % names, required=False
            )
            self.fields[f"days_{number}"] = forms.IntegerField(
                label=_("Step %(n)s: days to get ready") % names, min_value=0, max_value=rules.MAX_HANDLING_DAYS,
                required=False, widget=forms.NumberInput(attrs={"class": "input short"}),
            )  # fmt: skip

    @staticmethod
    def values_of(listing: Listing) -> dict[str, Any]:
        """Initial values of an existing listing."""
        values: dict[str, Any] = {name: getattr(listing, name) for name in ("min_quantity", "pack_size", "unit")}
        for number, tier in enumerate(listing.price_tiers):
            values |= {f"from_{number}": tier.from_quantity, f"price_{number}": tier.price,
                       f"days_{number}": tier.handling_days}  # fmt: skip
        return values

    @property
    def plain_fields(self) -> list[Any]:
        return [self[name] for name in ("min_quantity", "pack_size", "unit")]

    @property
    def steps(self) -> list[tuple[Any, Any, Any]]:
        """The fields of each step, for the table."""
        return [(self[f"from_{n}"], self[f"price_{n}"], self[f"days_{n}"]) for n in range(MAX_TIERS)]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        for number in range(MAX_TIERS):
            typed = [values.get(f"{name}_{number}") is not None for name in ("from", "price")]
            if (
                any(typed)
                and not all(typed)
                and not (f"from_{number}" in self.errors or f"price_{number}" in self.errors)
            ):
                self.add_error(
                    f"price_{number}" if typed[0] else f"from_{number}", _("A step needs a quantity and a price.")
                )
        return values

    def terms(self) -> SellingTerms:
        values = self.cleaned_data
        tiers = tuple(
            PriceTier(values[f"from_{n}"], values[f"price_{n}"], values[f"days_{n}"])
            for n in range(MAX_TIERS)
            if values[f"from_{n}"] is not None
        )
        return SellingTerms(
            min_quantity=values["min_quantity"], pack_size=values["pack_size"], unit=values["unit"], tiers=tiers
        )


class ReductionForm(forms.Form):
    """A reduced price and its last day."""

    last_day = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["price"] = MoneyField(currency=currency, label=_("Reduced price"))
        self.order_fields(["price"])

    @property
    def ends_at(self) -> datetime:
        """Midnight after the last day."""
        return timezone.make_aware(datetime.combine(self.cleaned_data["last_day"] + timedelta(days=1), time.min))


class SafetyForm(forms.Form):
    """Who made it, who answers for it, what to beware of."""

    maker_name = forms.CharField(label=_("Manufacturer"), max_length=160, required=False)
    maker_address = forms.CharField(label=_("Manufacturer's postal address"), max_length=300, required=False)
    maker_email = forms.EmailField(label=_("Manufacturer's e-mail address"), required=False)
    maker_country = forms.ChoiceField(label=_("Made by a company in"), required=False)
    person_name = forms.CharField(
        label=_("Responsible person in the EU"), max_length=160, required=False,
        help_text=_("Needed when the manufacturer is outside the EU: the importer, or somebody appointed."),
    )  # fmt: skip
    person_address = forms.CharField(label=_("Their postal address"), max_length=300, required=False)
    person_email = forms.EmailField(label=_("Their e-mail address"), required=False)
    warnings = forms.CharField(
        label=_("Warnings and safety information"), max_length=1000, required=False,
        widget=forms.Textarea(attrs={"rows": 3}), help_text=_("In the language of your buyers, as on the label."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = Locale.parse((get_language() or "en").replace("-", "_")).territories
        choices = sorted(((code, names.get(code, code)) for code in rules.COUNTRY_CODES), key=lambda pair: pair[1])
        self.fields["maker_country"].choices = [("", "—"), *choices]  # type: ignore[attr-defined]

    def safety(self) -> ProductSafety:
        return ProductSafety(**self.cleaned_data)


class HandlingForm(forms.Form):
    """What the goods ask of whoever carries them."""

    marks = forms.MultipleChoiceField(
        label=_("The goods are"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=[
            ("DANGEROUS", _("Dangerous: batteries, gas, flammable or caustic")), ("FRAGILE", _("Fragile")),
            ("PERISHABLE", _("Perishable")), ("HIGH_VALUE", _("Of high value")),
        ],
    )  # fmt: skip


class VariantForm(forms.Form):
    """A further variant: what tells it apart, price, stock and numbers."""

    stock = forms.IntegerField(label=_("Pieces in stock"), min_value=0, max_value=rules.MAX_STOCK, initial=1)
    sku = forms.CharField(label=_("Your own number (SKU)"), max_length=60, required=False)
    gtin = forms.CharField(
        label=_("Barcode number (GTIN, EAN)"), max_length=20, required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip

    def __init__(self, *args: Any, options: list[Mapping[str, Any]], currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.codes = [attribute["code"] for attribute in options]
        for attribute in options:
            self.fields[ATTRIBUTE_PREFIX + attribute["code"]] = _attribute_field({**attribute, "required": True})
        self.fields["price"] = MoneyField(currency=currency, label=_("Price of one piece"))
        self.order_fields([*(ATTRIBUTE_PREFIX + code for code in self.codes), "price", "stock"])

    @property
    def attributes(self) -> dict[str, Any]:
        return {code: self.cleaned_data[ATTRIBUTE_PREFIX + code] for code in self.codes}


class OptionsForm(forms.Form):
    """Which properties tell the variants apart."""

    options = forms.MultipleChoiceField(label=_("They differ in"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, attributes: list[Mapping[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = "es" if (get_language() or "en").startswith("es") else "en"
        self.fields["options"].choices = [(a["code"], a[language]) for a in attributes]  # type: ignore[attr-defined]


class PhotoForm(forms.Form):
    """One picture with what it shows."""

    photo = ImageUploadField(label=_("Picture"), help_text=_("JPEG, PNG or WebP, at most 8 MB."))
    alt = forms.CharField(
        label=_("What it shows"), max_length=160, required=False, help_text=_("Read out to people who cannot see it.")
    )


class ScheduleForm(forms.Form):
    """When a listing goes on sale by itself."""

    publish_at = forms.DateTimeField(
        label=_("Day and time"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )  # fmt: skip


class StockAlertForm(forms.Form):
    """At how few pieces a seller wants an e-mail."""

    at_most = forms.IntegerField(
        label=_("E-mail me when so many are left"), min_value=0, max_value=rules.MAX_STOCK, required=False,
        help_text=_("Once, until there are more again. Empty: never."),
    )  # fmt: skip


class QuickForm(forms.Form):
    """Price and stock in the list."""

    stock = forms.IntegerField(label=_("Stock"), min_value=0, max_value=rules.MAX_STOCK)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["price"] = MoneyField(currency=currency, label=_("Price"))
