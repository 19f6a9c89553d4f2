"""Forms of conversations."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.web.forms import FilesField
from marketplace.contracts import ReportReason
from marketplace.messages.rules import MAX_TEXT

REASONS = {
    ReportReason.OFF_PLATFORM: _("Wants to be paid or talked to elsewhere"), ReportReason.FRAUD: _("Looks like fraud"),
    ReportReason.ABUSE: _("Insults or threatens"), ReportReason.SPAM: _("Advertising, over and over"),
    ReportReason.OTHER: _("Something else"),
}  # fmt: skip


class MessageForm(forms.Form):
    text = forms.CharField(label=_("Your message"), max_length=MAX_TEXT, widget=forms.Textarea(attrs={"rows": 4}))
    attachments = FilesField(label=_("Pictures or PDFs"), required=False, help_text=_("Up to 5 files."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].required = not self.files  # a file may speak for itself


class ReportForm(forms.Form):
    reason = forms.ChoiceField(label=_("What is wrong?"), choices=[(r.value, words) for r, words in REASONS.items()])
    note = forms.CharField(
        label=_("What should Lonja know?"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class QuickReplyForm(forms.Form):
    title = forms.CharField(label=_("Name"), max_length=60, help_text=_("For you alone, for example: Delivery times."))
    text = forms.CharField(label=_("Text"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
