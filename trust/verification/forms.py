"""The operator's decision on a business profile."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class CaseDecisionForm(forms.Form):
    reason = forms.CharField(
        label=_("Reasons"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The seller reads this."),
    )  # fmt: skip
