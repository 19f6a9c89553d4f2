"""Forms of disputes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.money import Money
from core.web.forms import MoneyField
from trust.disputes.labels import REASONS, WISHES
from trust.disputes.rules import MAX_TEXT


class DisputeForm(forms.Form):
    """What a buyer fills in to open a dispute."""

    reason = forms.ChoiceField(label=_("What is wrong?"), choices=[(r.value, label) for r, label in REASONS.items()])
    wish = forms.ChoiceField(
        label=_("What would settle it?"), choices=[(w.value, label) for w, label in WISHES.items()]
    )
    description = forms.CharField(
        label=_("What happened?"), max_length=MAX_TEXT, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("The seller and Lonja read this. You can add pictures in the next step."),
    )  # fmt: skip

    def __init__(self, *args: Any, lines: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(lines) > 1:
            self.fields["lines"] = forms.MultipleChoiceField(
                label=_("What is it about?"), choices=lines, initial=[ref for ref, _label in lines],
                widget=forms.CheckboxSelectMultiple,
                help_text=_("Only this money is frozen. The rest goes to the seller on its day."),
            )  # fmt: skip
            self.order_fields(["lines"])
        self.all_lines = {ref for ref, _label in lines}

    @property
    def chosen_lines(self) -> list[str] | None:
        """The refs chosen; None: all of them."""
        chosen = self.cleaned_data.get("lines")
        return None if chosen is None or set(chosen) == self.all_lines else list(chosen)


class MessageForm(forms.Form):
    text = forms.CharField(label=_("Your message"), max_length=MAX_TEXT, widget=forms.Textarea(attrs={"rows": 3}))


class EvidenceForm(forms.Form):
    file = forms.FileField(
        label=_("Picture or PDF"), help_text=_("JPEG, PNG, WebP or PDF; at most 10 files. The other side sees it.")
    )


class DecisionForm(forms.Form):
    """The operator's decision."""

    refund = MoneyField(label=_("Back to the buyer"), minimum_minor=0)
    seller_at_fault = forms.ChoiceField(
        label=_("Was the seller at fault?"), choices=[("no", _("No")), ("yes", _("Yes"))]
    )
    reason = forms.CharField(
        label=_("Reasons"), max_length=MAX_TEXT, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Both sides read this."),
    )  # fmt: skip

    def __init__(self, *args: object, amount: Money, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.amount = amount
        self.fields["refund"].currency = amount.currency  # type: ignore[attr-defined]

    def clean_refund(self) -> Money:
        refund: Money = self.cleaned_data["refund"]
        if refund > self.amount:
            raise forms.ValidationError(_("No more than what is held."))
        return refund
