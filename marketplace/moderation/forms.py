"""Forms of moderation."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class DocumentForm(forms.Form):
    """A paper about held goods."""

    file = forms.FileField(label=_("Document"), help_text=_("A PDF or a picture, at most 10 MB."))
