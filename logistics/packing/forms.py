"""A seller's own carton."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class CartonForm(forms.Form):
    """Inner size in millimetres, weights in grams."""

    name = forms.CharField(label=_("Name"), max_length=40)
    length_mm = forms.IntegerField(label=_("Length inside (mm)"), min_value=20, max_value=3_000)
    width_mm = forms.IntegerField(label=_("Width inside (mm)"), min_value=20, max_value=3_000)
    height_mm = forms.IntegerField(label=_("Height inside (mm)"), min_value=20, max_value=3_000)
    tare_grams = forms.IntegerField(label=_("Weight of the empty carton (g)"), min_value=0, max_value=10_000)
    most_grams = forms.IntegerField(label=_("Carries at most (g)"), min_value=100, max_value=100_000)
