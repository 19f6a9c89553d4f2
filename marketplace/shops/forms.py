"""Forms of shop pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from core.web.forms import ImageUploadField
from marketplace.catalog.models import Listing
from marketplace.contracts import AwayMode, ShopInput
from marketplace.sellers.models import Seller
from marketplace.shops.models import Collection, ShopPage
from marketplace.shops.rules import MAX_AWAY_DAYS, MAX_NOTE, MAX_TAGLINE, Design

DESIGNS = [
    (Design.CLASSIC.value, _("Classic: calm, everything in order")),
    (Design.MARKET.value, _("Market: a strong band of colour")),
    (Design.ATELIER.value, _("Atelier: large letters, much room")),
]
MODES = [
    (AwayMode.OPEN.value, _("Open as always")),
    (AwayMode.LONGER.value, _("Open, but orders take longer")),
    (AwayMode.CLOSED.value, _("On holiday: nothing can be bought")),
]


#: What the preview shows is drawn anew when it changes.
LIVE = {"hx-post": reverse_lazy("shop_preview"), "hx-target": "#preview-place", "hx-include": "closest form"}


class ShopForm(forms.Form):
    """How the shop presents itself."""

    design = forms.ChoiceField(label=_("Design"), choices=DESIGNS, widget=forms.RadioSelect(attrs=LIVE))
    tagline = forms.CharField(
        label=_("One line about the shop"), max_length=MAX_TAGLINE, required=False,
        widget=forms.TextInput(attrs=LIVE | {"hx-trigger": "input changed delay:300ms"}),
    )  # fmt: skip
    away_mode = forms.ChoiceField(label=_("Open or on holiday?"), choices=MODES, widget=forms.RadioSelect)
    away_days = forms.IntegerField(
        label=_("How many days longer?"), min_value=0, max_value=MAX_AWAY_DAYS, required=False
    )
    away_until = forms.DateField(
        label=_("Back on"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("On this day the shop opens by itself."),
    )  # fmt: skip
    away_note = forms.CharField(label=_("What buyers should know"), max_length=MAX_NOTE, required=False)

    def shop(self) -> ShopInput:
        data = self.cleaned_data
        return ShopInput(
            design=data["design"], tagline=data["tagline"], away_mode=AwayMode(data["away_mode"]),
            away_days=data["away_days"] or 0, away_until=data["away_until"], away_note=data["away_note"],
        )  # fmt: skip

    @staticmethod
    def values_of(seller: Seller, page: ShopPage | None) -> dict[str, Any]:
        return {
            "design": page.design if page else Design.CLASSIC.value, "tagline": page.tagline if page else "",
            "away_mode": seller.away_mode, "away_days": seller.away_days, "away_until": seller.away_until,
            "away_note": seller.away_note,
        }  # fmt: skip


class BannerForm(forms.Form):
    banner = ImageUploadField(label=_("Picture across the page"))


class CollectionForm(forms.Form):
    """Goods shown together."""

    title = forms.CharField(label=_("Title"), max_length=80)
    listings = forms.TypedMultipleChoiceField(
        label=_("Listings"), coerce=UUID, widget=forms.CheckboxSelectMultiple
    )  # fmt: skip

    def __init__(self, *args: Any, own: list[Listing], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["listings"].choices = [(str(one.id), one.title) for one in own]  # type: ignore[attr-defined]

    @staticmethod
    def values_of(collection: Collection) -> dict[str, Any]:
        return {
            "title": collection.title,
            "listings": [str(one) for one in collection.items.values_list("listing_id", flat=True)],
        }
