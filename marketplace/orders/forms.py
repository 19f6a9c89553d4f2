"""Forms of orders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from logistics.contracts import ParcelSpec
from marketplace.catalog.rules import MAX_SIDE_MM, MAX_WEIGHT_GRAMS
from marketplace.orders.models import OrderLine


class PiecesForm(forms.Form):
    """How many pieces of each line."""

    def __init__(self, *args: Any, lines: Sequence[tuple[OrderLine, int]], **kwargs: Any) -> None:
        """`lines` with how many pieces of each can be chosen."""
        super().__init__(*args, **kwargs)
        self.names = {line.id: f"quantity_{line.id}" for line, _left in lines}
        for line, left in lines:
            self.fields[self.names[line.id]] = forms.IntegerField(
                label=line.title, min_value=0, max_value=left, initial=left, required=False,
                help_text=_("At most %(n)s.") % {"n": left},
            )  # fmt: skip
        self.order_fields([*self.names.values(), *(name for name in self.fields if name == "reason")])

    @property
    def pieces(self) -> dict[UUID, int]:
        """Line id -> pieces, of a valid form."""
        return {line_id: self.cleaned_data.get(name) or 0 for line_id, name in self.names.items()}


MORE_ROWS = 2


class PackingForm(forms.Form):
    """The parcels an order goes out in, as proposed or as the seller packed them; rows without a weight are no parcels."""

    MEASURES = {
        "weight": (_("Weight (g)"), "weight_grams", MAX_WEIGHT_GRAMS), "length": (_("Length (mm)"), "length_mm", MAX_SIDE_MM),
        "width": (_("Width (mm)"), "width_mm", MAX_SIDE_MM), "height": (_("Height (mm)"), "height_mm", MAX_SIDE_MM),
    }  # fmt: skip

    def __init__(self, *args: Any, proposed: Sequence[ParcelSpec], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = len(proposed) + MORE_ROWS
        for number in range(1, self.rows + 1):
            spec = proposed[number - 1] if number <= len(proposed) else None
            for name, (word, column, most) in self.MEASURES.items():
                self.fields[f"{name}_{number}"] = forms.IntegerField(
                    label=_("Parcel %(n)s: %(what)s") % {"n": number, "what": word}, required=False, min_value=1,
                    max_value=most, initial=getattr(spec, column) if spec else None,
                    widget=forms.NumberInput(attrs={"class": "input"}),
                )  # fmt: skip

    @property
    def groups(self) -> list[tuple[int, list[tuple[Any, forms.BoundField]]]]:
        """Number of the parcel, and its four fields with their titles."""
        return [
            (number, [(word, self[f"{name}_{number}"]) for name, (word, _column, _most) in self.MEASURES.items()])
            for number in range(1, self.rows + 1)
        ]  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not self.parcels:
            raise forms.ValidationError(_("An order needs at least one parcel."))
        return cleaned

    @property
    def parcels(self) -> list[ParcelSpec]:
        """The filled rows of a valid form."""
        values = self.cleaned_data
        return [
            ParcelSpec(
                weight_grams=values[f"weight_{number}"], length_mm=values.get(f"length_{number}") or 0,
                width_mm=values.get(f"width_{number}") or 0, height_mm=values.get(f"height_{number}") or 0,
            )
            for number in range(1, self.rows + 1)
            if values.get(f"weight_{number}")
        ]  # fmt: skip


class PackForm(PiecesForm):
    """Pieces that go into one parcel; sent twice, it is packed once."""

    key = forms.CharField(max_length=120, widget=forms.HiddenInput)


class ReductionForm(PiecesForm):
    """Pieces that will not come, and why."""

    reason = forms.CharField(
        label=_("Why?"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The other side reads it."),
    )  # fmt: skip
