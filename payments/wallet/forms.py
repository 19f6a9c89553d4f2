"""A buyer's own name for a card."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from payments.wallet.rules import MAX_LABEL


class MethodForm(forms.Form):
    label = forms.CharField(
        label=_("Your name for it"), max_length=MAX_LABEL, required=False,
        help_text=_("For example: office card. Empty shows the brand and the last digits."),
    )  # fmt: skip
