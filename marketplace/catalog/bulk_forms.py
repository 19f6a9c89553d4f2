"""The form of one change to many listings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.web.forms import MoneyField
from marketplace.catalog import rules
from marketplace.catalog.bulk import BulkAction, BulkChange
from marketplace.catalog.selectors import leaf_categories

_ASKED = {
    BulkAction.PRICE_PERCENT: "percent", BulkAction.PRICE_AMOUNT: "amount", BulkAction.STOCK: "stock",
    BulkAction.HANDLING: "days", BulkAction.CATEGORY: "category",
}  # fmt: skip


class BulkForm(forms.Form):
    """What is done, and by how much."""

    action = forms.ChoiceField(
        label=_("What changes?"), widget=forms.RadioSelect, initial=BulkAction.PRICE_PERCENT,
        choices=[
            (BulkAction.PRICE_PERCENT.value, _("Price, by per cent")), (BulkAction.PRICE_AMOUNT.value, _("Price, by an amount")),
            (BulkAction.STOCK.value, _("Stock")), (BulkAction.HANDLING.value, _("Days to get it ready")),
            (BulkAction.CATEGORY.value, _("Category")), (BulkAction.PUBLISH.value, _("Put on sale")),
            (BulkAction.WITHDRAW.value, _("Take off sale")),
        ],
    )  # fmt: skip
    percent = forms.DecimalField(
        label=_("Per cent"), min_value=-90, max_value=500, decimal_places=2, required=False,
        help_text=_("For prices: -10 makes them a tenth lower."),
    )  # fmt: skip
    stock = forms.IntegerField(label=_("Pieces in stock"), min_value=0, max_value=rules.MAX_STOCK, required=False)
    days = forms.IntegerField(
        label=_("Working days to get it ready"), min_value=0, max_value=rules.MAX_HANDLING_DAYS, required=False
    )
    category = forms.ChoiceField(label=_("New category"), required=False)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"] = MoneyField(
            currency=currency, label=_("Amount"), required=False, minimum_minor=None,
            help_text=_("For prices: -2 makes each two cheaper."),
        )  # fmt: skip
        leaves = [(one.code, f"{one.parent.name}: {one.name}" if one.parent else one.name) for one in leaf_categories()]
        self.fields["category"].choices = [("", "—"), *leaves]  # type: ignore[attr-defined]
        self.order_fields(["action", "percent", "amount", "stock", "days", "category"])

    @property
    def ways(self) -> list[tuple[Any, Any]]:
        """(the radio button of a change, the field it asks for or None), for the page."""
        asked = {action.value: name for action, name in _ASKED.items()}
        return [
            (radio, self[asked[radio.data["value"]]] if radio.data["value"] in asked else None)
            for radio in self["action"]
        ]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        asked = _ASKED.get(BulkAction(values["action"])) if values.get("action") else None
        if asked and asked not in self.errors and values.get(asked) in (None, ""):
            self.add_error(asked, _("Say by how much, or what it becomes."))
        return values

    def change(self) -> BulkChange:
        values = self.cleaned_data
        return BulkChange(
            action=BulkAction(values["action"]), basis_points=round((values["percent"] or 0) * 100),
            amount_minor=values["amount"].minor if values["amount"] else 0, stock=values["stock"] or 0,
            days=values["days"] or 0, category=values["category"],
        )  # fmt: skip
