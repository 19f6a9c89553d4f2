"""The card form of the sandbox's hosted page."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from payments.providers.cards import TestCard, find_by_number


class CardForm(forms.Form):
    """Only test cards; a real one is refused before it is looked at further, and nothing typed is stored."""

    number = forms.CharField(
        label=_("Card number"), max_length=23, help_text=_("Use one of the test cards below."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip
    expiry = forms.RegexField(
        label=_("Valid until"), regex=r"^(0[1-9]|1[0-2])\s*/\s*\d{2}$", initial="12/40", help_text=_("Month / year"),
    )  # fmt: skip
    code = forms.RegexField(label=_("Security code"), regex=r"^\d{3,4}$", initial="123")

    keep = forms.BooleanField(
        label=_("Keep this card for next time"), required=False,
        help_text=_("The shop gets a token, never the number. You can have it forgotten in your wallet."),
    )  # fmt: skip

    def clean_number(self) -> TestCard:
        card = find_by_number(self.cleaned_data["number"])
        if card is None:
            raise forms.ValidationError(_("This is not one of the test cards."))
        return card
