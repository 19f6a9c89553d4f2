"""Forms of tenders."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from core.web.forms import FilesField, MoneyField
from marketplace.addresses.forms import AddressForm
from marketplace.catalog.models import Listing
from marketplace.catalog.selectors import leaf_categories
from marketplace.contracts import NeedInput
from marketplace.quotes.forms import OfferForm
from marketplace.quotes.rules import MAX_QUANTITY
from marketplace.tenders.rules import MAX_DAYS, MAX_NEED, MAX_TITLE, BidPolicyValues


class TenderForm(AddressForm):
    """What a buyer looks for, and where it goes."""

    title = forms.CharField(label=_("What do you look for?"), max_length=MAX_TITLE)
    category_code = forms.ChoiceField(label=_("Category"))
    quantity = forms.IntegerField(label=_("How many?"), min_value=1, max_value=MAX_QUANTITY, initial=50)
    need = forms.CharField(
        label=_("What matters?"), max_length=MAX_NEED, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Size, material, quality, by when. Every seller that is asked reads this; leave your contact details out."),
    )  # fmt: skip
    target = MoneyField(label=_("Price you hope for, a piece"), required=False)
    days = forms.IntegerField(
        label=_("Sellers may answer for how many days?"), min_value=1, max_value=MAX_DAYS, initial=7
    )
    attachments = FilesField(label=_("Pictures or PDFs"), required=False, help_text=_("Up to 5 files."))
    own_names = ("title", "category_code", "quantity", "need", "target", "days", "attachments")

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["target"].currency = currency  # type: ignore[attr-defined]
        self.fields["category_code"].choices = [  # type: ignore[attr-defined]
            (one.code, f"{one.parent.name}: {one.name}" if one.parent else one.name) for one in leaf_categories()
        ]

    def wanted(self) -> NeedInput:
        data = self.cleaned_data
        return NeedInput(
            category_code=data["category_code"], title=data["title"], need=data["need"], quantity=data["quantity"],
            address=self.address(), days=data["days"], target=data["target"],
        )  # fmt: skip


class BidForm(OfferForm):
    """A seller's answer: an offer on one of its listings."""

    listing_id = forms.TypedChoiceField(label=_("With which of your listings?"), coerce=UUID)
    field_order = ("listing_id",)

    def __init__(self, *args: Any, listings: list[Listing], **kwargs: Any) -> None:
        super().__init__(*args, is_seller=True, **kwargs)
        self.fields["listing_id"].choices = [(str(one.id), one.title) for one in listings]  # type: ignore[attr-defined]


class BidPolicyForm(forms.Form):
    """What sellers may do from now on."""

    bids_per_month = forms.IntegerField(label=_("answers a month"), min_value=1, max_value=1000)
    edits_per_bid = forms.IntegerField(label=_("changes of an answer"), min_value=0, max_value=20)
    reserved_hours = forms.IntegerField(label=_("hours reserved for top sellers"), min_value=0, max_value=168)
    top_rating_hundredths = forms.IntegerField(label=_("top seller: rating (hundredths)"), min_value=0, max_value=500)
    top_orders = forms.IntegerField(label=_("top seller: orders"), min_value=0, max_value=100_000)
    reason = forms.CharField(label=_("Reason"), max_length=500)

    def values(self) -> BidPolicyValues:
        return BidPolicyValues(**{name: self.cleaned_data[name] for name in BidPolicyValues.__dataclass_fields__})
