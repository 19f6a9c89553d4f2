"""The form of a new code."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.money import CURRENCIES, Money, MoneyError
from core.web.forms import MoneyField
from marketplace.catalog.selectors import category_choices
from marketplace.contracts import PromotionInput
from marketplace.promotions.models import Promotion
from marketplace.promotions.rules import MAX_SHARE_BP
from marketplace.sellers.selectors import sellers_by_slug


class PlatformCodeForm(forms.Form):
    """A code the platform pays for. Amounts are written as people write them."""

    code = forms.CharField(label=_("Code"), max_length=30, help_text=_("Letters, digits and hyphens: SPRING-10."))
    kind = forms.ChoiceField(label=_("What it does"), choices=[
        one for one in Promotion.Kind.choices if one[0] != Promotion.Kind.FREE_SHIPPING
    ])  # fmt: skip
    percent = forms.IntegerField(label=_("Per cent"), min_value=1, max_value=MAX_SHARE_BP // 100, required=False)
    currency = forms.ChoiceField(label=_("Currency"), choices=[(c, c) for c in sorted(CURRENCIES)], initial="EUR")
    amount = forms.CharField(label=_("Amount"), max_length=20, required=False, help_text=_("For an amount off."))
    budget = forms.CharField(label=_("Budget"), max_length=20, help_text=_("What the platform pays at most, in all."))
    min_basket = forms.CharField(label=_("For goods of at least"), max_length=20, required=False)
    limit_total = forms.IntegerField(label=_("How often in all"), min_value=1, required=False)
    limit_per_buyer = forms.IntegerField(label=_("How often for one buyer"), min_value=1, required=False, initial=1)
    first_day = forms.DateField(label=_("First day"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    last_day = forms.DateField(label=_("Last day"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    categories = forms.MultipleChoiceField(
        label=_("Categories"), required=False, choices=category_choices, help_text=_("None: all of them.")
    )  # fmt: skip
    sellers = forms.CharField(
        label=_("Sellers"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Shop addresses (the part after /shops/), one a line. None: all of them."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        values = dict(super().clean() or {})
        for name in ("amount", "budget", "min_basket"):
            if values.get(name) and "currency" in values:
                try:
                    values[name] = Money.parse(str(values[name]), str(values["currency"]))
                except MoneyError as error:
                    self.add_error(name, str(error))
        slugs = str(values.get("sellers", "")).split()
        values["sellers"] = sellers_by_slug(slugs)
        if len(values["sellers"]) < len(set(slugs)):
            self.add_error("sellers", _("One of these shops does not exist."))
        return values

    def promotion(self) -> PromotionInput:
        values = self.cleaned_data
        last = values["last_day"]
        return PromotionInput(
            code=values["code"], kind=values["kind"], percent=values["percent"] or 0, amount=values["amount"] or None,
            min_basket=values["min_basket"] or None, limit_total=values["limit_total"],
            limit_per_buyer=values["limit_per_buyer"],
            starts_at=_midnight(values["first_day"]) if values["first_day"] else None,
            ends_at=_midnight(last + timedelta(days=1)) if last else None,
        )  # fmt: skip


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


class StopForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=300)


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
        ends_at = _midnight(last_day + timedelta(days=1)) if last_day else None
        return PromotionInput(ends_at=ends_at, percent=values.pop("percent") or 0, **values)
