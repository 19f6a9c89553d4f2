"""Where a seller wants to be paid."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class DestinationForm(forms.Form):
    """Shape only; the service checks the IBAN."""

    holder = forms.CharField(
        label=_("Account holder"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    iban = forms.CharField(
        label=_("IBAN"), max_length=42, help_text=_("On your bank statement. We show only its last four characters."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
