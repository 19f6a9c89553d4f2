"""Forms of orders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

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


class PackForm(PiecesForm):
    """Pieces that go into one parcel; sent twice, it is packed once."""

    key = forms.CharField(max_length=120, widget=forms.HiddenInput)


class ReductionForm(PiecesForm):
    """Pieces that will not come, and why."""

    reason = forms.CharField(
        label=_("Why?"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The other side reads it."),
    )  # fmt: skip
