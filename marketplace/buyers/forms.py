"""How an organisation buys."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.web.forms import MoneyField


class BuyerProfileForm(forms.Form):
    vat_number = forms.CharField(
        label=_("VAT number"), max_length=20, required=False,
        help_text=_("With its country, for example ESB12345674. It stands on your invoices."),
    )  # fmt: skip
    staff_limit = MoneyField(
        label=_("Staff buy on their own up to"), required=False, minimum_minor=0,
        help_text=_("A purchase above it waits for a colleague who may. Empty: no limit."),
    )  # fmt: skip
    manager_limit = MoneyField(
        label=_("Managers buy on their own up to"), required=False, minimum_minor=0,
        help_text=_("Owners have no limit."),
    )  # fmt: skip

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("staff_limit", "manager_limit"):
            self.fields[name].currency = currency  # type: ignore[attr-defined]
