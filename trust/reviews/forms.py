"""Forms of reviews."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from trust.reviews.rules import MAX_TEXT, MAX_TITLE

STARS = [("5", _("5 – very good")), ("4", _("4 – good")), ("3", _("3 – fair")), ("2", _("2 – poor")),
         ("1", _("1 – very poor"))]  # fmt: skip


class ReviewForm(forms.Form):
    line = forms.UUIDField(widget=forms.HiddenInput)
    rating = forms.TypedChoiceField(label=_("Rating"), choices=[("", _("Choose")), *STARS], coerce=int)
    title = forms.CharField(label=_("Title"), max_length=MAX_TITLE, required=False)
    text = forms.CharField(
        label=_("Your review"), max_length=MAX_TEXT, required=False, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Everyone can read it. It cannot be changed later."),
    )  # fmt: skip


class AnswerForm(forms.Form):
    text = forms.CharField(
        label=_("Your public answer"), max_length=MAX_TEXT, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("You can answer once."),
    )  # fmt: skip
