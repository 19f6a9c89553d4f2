"""What senders type about claims."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from logistics.claims.words import BY_HAND, TYPES


class ClaimForm(forms.Form):
    claim_type = forms.ChoiceField(label=_("What happened?"), choices=[(kind.value, TYPES[kind]) for kind in BY_HAND])
    note = forms.CharField(
        label=_("What should the carrier know?"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Label, scans and promise are added by themselves; pictures you can add in the next step."),
    )  # fmt: skip


class AnswerForm(forms.Form):
    note = forms.CharField(label=_("Your answer"), max_length=900, widget=forms.Textarea(attrs={"rows": 3}))


class PhotoForm(forms.Form):
    photo = forms.FileField(label=_("Picture"), help_text=_("JPEG, PNG or WebP; at most 6. The carrier sees it."))
