"""Periods and moments an operator asks for; days are UTC."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class PeriodForm(forms.Form):
    """First and last day, both included."""

    since = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To (included)"), widget=forms.DateInput(attrs={"type": "date"}))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            raise forms.ValidationError(_("The period ends before it begins."))
        return cleaned

    def period(self) -> tuple[datetime, datetime]:
        """[since, until) as moments."""
        start = datetime.combine(self.cleaned_data["since"], time.min, UTC)
        return start, datetime.combine(self.cleaned_data["until"], time.min, UTC) + timedelta(days=1)


class MomentForm(forms.Form):
    at = forms.DateTimeField(
        label=_("At (UTC)"), required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
