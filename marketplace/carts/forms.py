"""Forms of the cart."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from marketplace.carts.rules import MAX_QUANTITY


class QuantityForm(forms.Form):
    quantity = forms.IntegerField(label=_("Quantity"), min_value=0, max_value=MAX_QUANTITY, initial=1)
