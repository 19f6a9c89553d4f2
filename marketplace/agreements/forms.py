"""Forms of agreements."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.web.forms import MoneyField
from marketplace.agreements.models import Agreement
from marketplace.agreements.rules import MAX_STEPS, MAX_TEXT
from marketplace.contracts import AgreementStepInput
from payments.contracts import MilestoneTrigger

TRIGGERS = [
    (MilestoneTrigger.ACCEPTANCE.value, _("when the buyer accepts it, or says nothing after it was shown")),
    (MilestoneTrigger.FUNDING.value, _("as soon as it is paid (a deposit)")),
]
SHOWN_STEPS = 3


class RequestForm(forms.Form):
    wish = forms.CharField(
        label=_("What would you like?"), max_length=MAX_TEXT, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Size, material, colour, by when. The seller answers with an offer and a payment plan."),
    )  # fmt: skip


class PlanForm(forms.Form):
    """The offer: what is made, and up to six steps of payment."""

    terms = forms.CharField(
        label=_("What you make, and by when"), max_length=MAX_TEXT, widget=forms.Textarea(attrs={"rows": 5})
    )

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(1, MAX_STEPS + 1):
            self.fields[f"name_{number}"] = forms.CharField(
                label=_("Step %(number)s") % {"number": number}, max_length=120, required=number == 1,
                widget=forms.TextInput(attrs={"placeholder": _("Deposit, balance, final inspection")}),
            )  # fmt: skip
            self.fields[f"amount_{number}"] = MoneyField(
                currency=currency, label=_("Amount of step %(number)s") % {"number": number}, required=number == 1
            )
            self.fields[f"trigger_{number}"] = forms.ChoiceField(
                label=_("Paid to you"), choices=TRIGGERS, required=False, initial=MilestoneTrigger.ACCEPTANCE.value
            )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for number in range(1, MAX_STEPS + 1):
            if bool(data.get(f"name_{number}")) != bool(data.get(f"amount_{number}")) and not self.errors:
                self.add_error(f"name_{number}", _("A step needs a name and an amount."))
        return data

    @property
    def steps(self) -> list[AgreementStepInput]:
        """The steps that were filled in."""
        data = self.cleaned_data
        return [
            AgreementStepInput(
                data[f"name_{n}"], data[f"amount_{n}"],
                MilestoneTrigger(data.get(f"trigger_{n}") or MilestoneTrigger.ACCEPTANCE.value),
            )
            for n in range(1, MAX_STEPS + 1)
            if data.get(f"name_{n}") and data.get(f"amount_{n}")
        ]  # fmt: skip

    @staticmethod
    def values_of(agreement: Agreement) -> dict[str, Any]:
        """Initial values of an offer made before."""
        values: dict[str, Any] = {"terms": agreement.terms}
        for n, step in enumerate(agreement.steps.all(), start=1):
            values |= {f"name_{n}": step.name, f"amount_{n}": step.amount, f"trigger_{n}": step.trigger}
        return values

    def rows(self) -> list[dict[str, Any]]:
        """The steps as the page shows them; later ones are folded away."""
        return [
            {"name": self[f"name_{n}"], "amount": self[f"amount_{n}"], "trigger": self[f"trigger_{n}"], "number": n,
             "is_extra": n > SHOWN_STEPS and not self[f"name_{n}"].value()}
            for n in range(1, MAX_STEPS + 1)
        ]  # fmt: skip


class ProofForm(forms.Form):
    proof = forms.CharField(
        label=_("What shows that it is done?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("A tracking number, a link to pictures, what you finished. The buyer then looks at it."),
    )  # fmt: skip
