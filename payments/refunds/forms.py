"""What a seller gives back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.money import Money
from core.web.forms import MoneyField
from core.web.money_format import format_money
from payments.contracts import EscrowLineView, LineKind


class RefundForm(forms.Form):
    """An amount for each line that has something left, empty for nothing. `key` makes a second press harmless."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=80)
    reason = forms.CharField(
        label=gettext_lazy("Why?"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The buyer reads this."),
    )  # fmt: skip

    def __init__(self, data: Any, *, lines: Mapping[str, tuple[EscrowLineView, Money]], key: str) -> None:
        super().__init__(data, initial={"key": key})
        self.refs: dict[str, str] = {}
        fields: dict[str, forms.Field] = {}
        for number, (ref, (line, left)) in enumerate(lines.items(), start=1):
            name = f"line_{number}"
            title = _("Shipping") if line.kind is LineKind.SHIPPING else _("Goods %d") % number
            fields[name] = MoneyField(
                currency=left.currency, label=title, required=False,
                help_text=_("At most %(amount)s") % {"amount": format_money(left)},
            )  # fmt: skip
            self.refs[name] = ref
        self.fields = fields | self.fields

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not self.parts(cleaned):
            raise forms.ValidationError(_("Say how much you give back."))
        return cleaned

    def parts(self, cleaned: Mapping[str, Any]) -> dict[str, Money | None]:
        """Amount by line."""
        return {ref: cleaned[name] for name, ref in self.refs.items() if cleaned.get(name)}
