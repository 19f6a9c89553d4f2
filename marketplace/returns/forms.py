"""Forms of returns: what goes back, what was found, and what a seller grants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from core.web.forms import MoneyField
from marketplace.orders.models import OrderLine
from marketplace.orders.rules import WITHDRAWAL_DAYS
from marketplace.returns.models import ReturnLine, ReturnPolicy
from marketplace.returns.rules import Disposition, ReturnReason, ReturnWish
from marketplace.returns.services import MAX_WINDOW_DAYS, ReturnAsk
from marketplace.returns.settlement import Finding
from marketplace.returns.words import REASONS


class ReturnForm(forms.Form):
    """How many pieces of each line go back, why, and what the buyer wants instead."""

    wish = forms.ChoiceField(
        label=_("What would you like?"),
        choices=[(ReturnWish.REFUND.value, _("My money back")), (ReturnWish.EXCHANGE.value, _("The same goods again"))],
    )
    note = forms.CharField(
        label=_("What should the seller know?"), max_length=2000, required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    def __init__(self, *args: Any, lines: Sequence[tuple[OrderLine, int]], **kwargs: Any) -> None:
        """`lines` with how many pieces of each may still go back."""
        super().__init__(*args, **kwargs)
        self.lines = lines
        reasons = [(reason.value, label) for reason, label in REASONS.items()]
        names = []
        for line, left in lines:
            names += [f"quantity_{line.id}", f"reason_{line.id}"]
            self.fields[names[-2]] = forms.IntegerField(
                label=_("%(title)s: pieces to send back") % {"title": line.title}, min_value=0, max_value=left,
                initial=1 if len(lines) == 1 else 0, required=False,
            )  # fmt: skip
            self.fields[names[-1]] = forms.ChoiceField(
                label=_("%(title)s: why?") % {"title": line.title}, choices=reasons, required=False
            )
        self.order_fields([*names, "wish", "note"])

    @property
    def asks(self) -> list[ReturnAsk]:
        """What was chosen."""
        found = []
        for line, _left in self.lines:
            quantity = self.cleaned_data.get(f"quantity_{line.id}") or 0
            reason = self.cleaned_data.get(f"reason_{line.id}") or ReturnReason.CHANGED_MIND
            if quantity:
                found.append(ReturnAsk(line.id, quantity, ReturnReason(reason)))
        return found


class InspectionForm(forms.Form):
    """What the seller found of each line."""

    reason = forms.CharField(
        label=_("Why less, or not at all?"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Needed when you accept fewer pieces or deduct something. The buyer reads it."),
    )  # fmt: skip

    def __init__(self, *args: Any, lines: Sequence[ReturnLine], currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = lines
        for line in lines:
            title = {"title": line.line.title}
            self.fields[f"accepted_{line.id}"] = forms.IntegerField(
                label=_("%(title)s: pieces accepted") % title, min_value=0, max_value=line.quantity,
                initial=line.quantity,
            )  # fmt: skip
            self.fields[f"disposition_{line.id}"] = forms.ChoiceField(
                label=_("%(title)s: what becomes of it?") % title,
                choices=[
                    (Disposition.RESTOCK.value, _("On sale again")),
                    (Disposition.SCRAP.value, _("Not sold again")),
                ],
            )
            self.fields[f"deduction_{line.id}"] = MoneyField(
                label=_("%(title)s: deducted for wear") % title, required=False, minimum_minor=0, currency=currency
            )
        self.order_fields([name for name in self.fields if name != "reason"])

    @property
    def findings(self) -> dict[UUID, Finding]:
        data = self.cleaned_data
        return {
            line.id: Finding(
                accepted=data[f"accepted_{line.id}"], disposition=Disposition(data[f"disposition_{line.id}"]),
                deduction_minor=data[f"deduction_{line.id}"].minor if data.get(f"deduction_{line.id}") else 0,
            )
            for line in self.lines
        }  # fmt: skip


class PhotoForm(forms.Form):
    photo = forms.FileField(label=_("Picture"), help_text=_("JPEG, PNG or WebP; at most 6. The seller sees it."))


class PolicyForm(forms.Form):
    """What a seller grants for a category when a buyer changes their mind."""

    category_code = forms.ChoiceField(label=_("For"), required=False)
    window_days = forms.IntegerField(
        label=_("Days to send it back"), min_value=WITHDRAWAL_DAYS, max_value=MAX_WINDOW_DAYS, initial=30,
        help_text=_("From delivery on. The law grants 14."),
    )  # fmt: skip
    buyer_pays = forms.BooleanField(
        label=_("The buyer pays for the way back"), required=False, initial=True,
        help_text=_("When something is wrong with the goods, you pay in any case."),
    )  # fmt: skip
    final_sale = forms.ChoiceField(
        label=_("Final sale"), required=False, choices=ReturnPolicy.FinalSales.choices,
        help_text=_("Only where the law knows no right to withdraw."),
    )  # fmt: skip

    def __init__(self, *args: Any, categories: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category_code"].choices = [("", _("All goods")), *categories]  # type: ignore[attr-defined]
