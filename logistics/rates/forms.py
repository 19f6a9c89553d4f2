"""What somebody asks of all carriers at once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.identity.countries import country_choices
from core.money import CURRENCIES
from logistics.contracts import HandlingMark, ParcelSpec
from logistics.rates.handling import MARK_WORDS
from logistics.rates.rules import MAX_SIDE_MM, MAX_WEIGHT_GRAMS


class CompareForm(forms.Form):
    """A parcel and its way; grams and centimetres, as people measure."""

    origin = forms.ChoiceField(label=_("From"))
    destination = forms.ChoiceField(label=_("To"))
    weight_grams = forms.IntegerField(label=_("Weight in grams"), min_value=1, max_value=MAX_WEIGHT_GRAMS)
    length_cm = forms.IntegerField(label=_("Length in cm"), min_value=0, max_value=MAX_SIDE_MM // 10, required=False)
    width_cm = forms.IntegerField(label=_("Width in cm"), min_value=0, max_value=MAX_SIDE_MM // 10, required=False)
    height_cm = forms.IntegerField(label=_("Height in cm"), min_value=0, max_value=MAX_SIDE_MM // 10, required=False)
    marks = forms.MultipleChoiceField(
        label=_("The goods are"), choices=MARK_WORDS.items(), required=False, widget=forms.CheckboxSelectMultiple
    )
    currency = forms.ChoiceField(label=_("Prices in"), choices=[(code, code) for code in sorted(CURRENCIES)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("origin", "destination"):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = country_choices()

    @property
    def parcel(self) -> ParcelSpec:
        """The valid form's parcel; sides nobody typed are not measured."""
        asked = self.cleaned_data
        length, width, height = (10 * (asked[name] or 0) for name in ("length_cm", "width_cm", "height_cm"))
        marks = frozenset(map(HandlingMark, asked["marks"]))
        return ParcelSpec(asked["weight_grams"], length, width, height, marks=marks)
