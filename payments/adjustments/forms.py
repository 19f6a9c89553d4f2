"""What the operator types about adjustments."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.money import CURRENCIES, Money, MoneyError
from payments.adjustments.models import Adjustment


class AdjustmentForm(forms.Form):
    """A correction. The amount is written as people write it, with a minus when it is taken."""

    seller_id = forms.UUIDField(label=_("Seller"))
    kind = forms.ChoiceField(label=_("Kind"), choices=Adjustment.Kind.choices)
    amount = forms.CharField(label=_("Amount"), max_length=20, help_text=_("Negative: taken from the seller."))
    currency = forms.ChoiceField(label=_("Currency"), choices=[(c, c) for c in sorted(CURRENCIES)], initial="EUR")
    order_id = forms.UUIDField(label=_("Order"), required=False)
    reason = forms.CharField(
        label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}), help_text=_("The seller reads it.")
    )

    def clean(self) -> dict[str, object]:
        values = dict(super().clean() or {})
        if "amount" in values and "currency" in values:
            try:
                values["money"] = Money.parse(str(values["amount"]), str(values["currency"]))
            except MoneyError as error:
                raise ValidationError({"amount": str(error)}) from error
        return values


class DecisionForm(forms.Form):
    """The second person's word."""

    reason = forms.CharField(label=_("Reason, when you reject"), max_length=300, required=False)
