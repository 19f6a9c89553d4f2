"""Forms of stock by place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from marketplace.addresses.forms import AddressForm
from marketplace.catalog.rules import MAX_HANDLING_DAYS, MAX_STOCK
from marketplace.stock.models import StockLocation
from marketplace.stock.rules import MAX_REASON

MAIN = "main"
"""The shop's own address in a list of places."""


class LocationForm(AddressForm):
    """A place: its name, how quick it is, and its address in the form of its country."""

    own_names: ClassVar[tuple[str, ...]] = ("label", "handling_days")

    label = forms.CharField(label=_("Name of the place"), max_length=40, help_text=_("Depot, market stall…"))
    handling_days = forms.IntegerField(
        label=_("Days to get an order ready there"), min_value=0, max_value=MAX_HANDLING_DAYS, initial=1,
        help_text=_("The quickest place that has the goods is chosen."),
    )  # fmt: skip


class _PlacesForm(forms.Form):
    """A form that asks for one of the seller's places."""

    place_names: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: Any, locations: Iterable[StockLocation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(MAIN, _now("Shop address")), *((str(one.id), one.label) for one in locations)]
        for name in self.place_names:
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices

    def place(self, name: str) -> UUID | None:
        """The chosen place of a valid form; None: the shop's own address."""
        chosen = self.cleaned_data[name]
        return None if chosen == MAIN else UUID(chosen)


class AdjustmentForm(_PlacesForm):
    place_names = ("at",)

    at = forms.ChoiceField(label=_("Place"))
    delta = forms.IntegerField(
        label=_("Pieces more (or less: −3)"), min_value=-MAX_STOCK, max_value=MAX_STOCK
    )  # fmt: skip
    reason = forms.CharField(label=_("Why"), max_length=MAX_REASON, help_text=_("Broken, found, a new delivery…"))


class TransferForm(_PlacesForm):
    place_names = ("source", "to")

    source = forms.ChoiceField(label=_("From"))
    to = forms.ChoiceField(label=_("To"))
    quantity = forms.IntegerField(label=_("Pieces"), min_value=1, max_value=MAX_STOCK)
    reason = forms.CharField(label=_("Note"), max_length=MAX_REASON, required=False)


class CountForm(forms.Form):
    """A file of counted stock."""

    file = forms.FileField(label=_("CSV file"), widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}))
    reason = forms.CharField(label=_("Why"), max_length=MAX_REASON, initial=_("Counted"))
    only_check = forms.BooleanField(label=_("Only check the file, change nothing"), required=False)
