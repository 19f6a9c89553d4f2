"""What sellers type about pickups."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from core.identity.countries import country_choices
from logistics.contracts import Address
from logistics.pickups.models import PickupTerms
from logistics.pickups.services import Visit
from logistics.pickups.words import WEEKDAYS


def clock(hour: int) -> time:
    return time(23, 59) if hour >= 24 else time(hour)


class WindowForm(forms.Form):
    """A day and from when until when."""

    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    opens = forms.TimeField(label=_("From"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    closes = forms.TimeField(label=_("Until"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))


class PickupForm(WindowForm):
    """A pickup: once, or every week."""

    carrier = forms.ChoiceField(label=_("Carrier"))
    often = forms.ChoiceField(
        label=_("How often"), widget=forms.RadioSelect, initial="once",
        choices=[("once", _("Once, on the day below")), ("weekly", _("Every week, on the days of the week below"))],
    )  # fmt: skip
    weekdays = forms.MultipleChoiceField(
        label=_("Days of the week"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=[(str(number), word) for number, word in enumerate(WEEKDAYS)],
    )  # fmt: skip
    name = forms.CharField(label=_("Who gives the parcels away"), max_length=120)
    street = forms.CharField(label=_("Street and number"), max_length=200)
    postcode = forms.CharField(label=_("Postcode"), max_length=20, required=False)
    city = forms.CharField(label=_("Town"), max_length=120)
    country = forms.ChoiceField(label=_("Country"))
    phone = forms.CharField(label=_("Telephone"), max_length=40, required=False)
    note = forms.CharField(
        label=_("What the driver should know"), max_length=200, required=False,
        help_text=_("A doorbell, a back door, opening hours."),
    )  # fmt: skip
    field_order = ("carrier", "often", "day", "weekdays", "opens", "closes")

    def __init__(self, *args: Any, terms: Sequence[PickupTerms], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].required = False
        cast(forms.ChoiceField, self.fields["carrier"]).choices = [(row.carrier_id, row.carrier.name) for row in terms]
        cast(forms.ChoiceField, self.fields["country"]).choices = country_choices()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        wanted = "weekdays" if data.get("often") == "weekly" else "day"
        if wanted not in self.errors and not data.get(wanted):
            self.add_error(wanted, _("Choose at least one."))
        return data

    def visit(self) -> Visit:
        """What is wanted of the carrier; for a valid form."""
        data = self.cleaned_data
        address = Address(**{key: data[key] for key in ("name", "street", "city", "postcode", "country", "phone")})
        return Visit(data["carrier"], data["opens"], data["closes"], address, data["note"])
