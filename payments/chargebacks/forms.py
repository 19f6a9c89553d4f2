"""What a seller has to say to the bank."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from payments.chargebacks.rules import MAX_STATEMENT


class StatementForm(forms.Form):
    text = forms.CharField(
        label=_("What happened?"), max_length=MAX_STATEMENT, widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("The bank reads it with the order, the parcel and the messages. Facts and dates help most."),
    )  # fmt: skip
