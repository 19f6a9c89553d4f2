"""Where a seller wants to be paid."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from core.money import CURRENCIES
from payments.contracts import PayoutFrequency


class DestinationForm(forms.Form):
    """Shape only; the service checks the IBAN."""

    holder = forms.CharField(
        label=_("Account holder"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    iban = forms.CharField(
        label=_("IBAN"), max_length=42, help_text=_("On your bank statement. We show only its last four characters."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    street_name = forms.CharField(label=_("Street"), max_length=70, required=False)
    building_number = forms.CharField(label=_("Number"), max_length=16, required=False)
    postcode = forms.CharField(label=_("Postcode"), max_length=16, required=False)
    town = forms.CharField(
        label=_("Town"), max_length=35, required=False, help_text=_("Banks ask for the town and country of the holder.")
    )
    country = forms.CharField(label=_("Country (two letters)"), max_length=2, required=False)

    def address(self) -> dict[str, str] | None:
        """What was typed; None when the address was left empty."""
        names = ("street_name", "building_number", "postcode", "town", "country")
        typed = {name: self.cleaned_data[name] for name in names if self.cleaned_data.get(name)}
        return typed | {"country": typed["country"].upper()} if "country" in typed else typed or None


class ScheduleForm(forms.Form):
    """When and in which currency money is sent."""

    FREQUENCIES = (
        (PayoutFrequency.IMMEDIATE.value, _("At once, when money becomes available")),
        (PayoutFrequency.DAILY.value, _("Every day")),
        (PayoutFrequency.WEEKLY.value, _("Every week")),
        (PayoutFrequency.MONTHLY.value, _("Every month")),
        (PayoutFrequency.MANUAL.value, _("Only when I ask for it")),
    )
    frequency = forms.ChoiceField(label=_("When"), choices=FREQUENCIES)
    weekday = forms.TypedChoiceField(
        label=_("Day of the week"), coerce=int, choices=list(WEEKDAYS.items()), help_text=_("For every week.")
    )
    month_day = forms.IntegerField(
        label=_("Day of the month"), min_value=1, max_value=28, help_text=_("For every month, from 1 to 28.")
    )
    currency = forms.ChoiceField(
        label=_("Currency"), required=False, choices=[("", _("As it comes in")), *((c, c) for c in sorted(CURRENCIES))],
        help_text=_("Another currency is exchanged at the rate of the moment, less our spread."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["weekday"].widget.attrs["autocomplete"] = "off"
