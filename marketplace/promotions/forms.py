"""The form of a new code."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.web.forms import MoneyField
from marketplace.contracts import PromotionInput
from marketplace.promotions.models import Promotion
from marketplace.promotions.rules import MAX_SHARE_BP


class PromotionForm(forms.Form):
    """A code, what it does, and its bounds."""

    code = forms.CharField(label=_("Code"), max_length=30, help_text=_("Letters, digits and hyphens: SPRING-10."))
    kind = forms.ChoiceField(label=_("What it does"), choices=Promotion.Kind.choices)
    percent = forms.IntegerField(
        label=_("Per cent"),
        min_value=1,
        max_value=MAX_SHARE_BP // 100,
        required=False,
        help_text=_("For a percentage."),
    )
    limit_total = forms.IntegerField(label=_("How often in all"), min_value=1, required=False)
    limit_per_buyer = forms.IntegerField(label=_("How often for one buyer"), min_value=1, required=False, initial=1)
    last_day = forms.DateField(label=_("Last day"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"] = MoneyField(
            currency=currency, label=_("Amount"), required=False, help_text=_("For an amount off.")
        )
        self.fields["min_basket"] = MoneyField(currency=currency, label=_("For goods of at least"), required=False)
        self.order_fields(["code", "kind", "percent", "amount", "min_basket"])

    def promotion(self) -> PromotionInput:
        values = dict(self.cleaned_data)
        last_day = values.pop("last_day")
        ends_at = timezone.make_aware(datetime.combine(last_day + timedelta(days=1), time.min)) if last_day else None
        return PromotionInput(ends_at=ends_at, percent=values.pop("percent") or 0, **values)
