"""The statement of withdrawal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.orders.forms import PiecesForm
from marketplace.withdrawals.selectors import Withdrawable
from marketplace.withdrawals.services import Statement


class StatementForm(PiecesForm):
    """What the law lets us ask: the name, the contract (it is this order's), where the receipt goes, and the goods."""

    name = forms.CharField(
        label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )  # fmt: skip
    email = forms.EmailField(
        label=_("E-mail address for the receipt"), widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    key = forms.CharField(max_length=120, widget=forms.HiddenInput)

    def __init__(self, *args: Any, found: Sequence[Withdrawable], **kwargs: Any) -> None:
        super().__init__(*args, lines=[(one.line, one.pieces) for one in found if not one.ground], **kwargs)
        self.order_fields(["name", "email", *self.names.values(), "key"])

    def statement(self) -> Statement:
        data = self.cleaned_data
        return Statement(pieces=self.pieces, name=data["name"], email=data["email"])
