"""Forms of price talks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.money import Money
from core.web.forms import MoneyField
from core.web.money_format import format_money
from logistics.contracts import ServiceQuote
from marketplace.addresses.forms import AddressForm
from marketplace.contracts import OfferInput
from marketplace.quotes.models import QuoteOffer
from marketplace.quotes.rules import MAX_HANDLING_DAYS, MAX_NOTE, MAX_QUANTITY, MAX_VALID_DAYS, MAX_WISH, OFFER_DAYS


class QuoteRequestForm(AddressForm):
    """What a buyer wants a price for, and where it goes."""

    quantity = forms.IntegerField(label=_("How many?"), min_value=1, max_value=MAX_QUANTITY, initial=10)
    wish = forms.CharField(
        label=_("What should the seller know?"), max_length=MAX_WISH, required=False,
        widget=forms.Textarea(attrs={"rows": 4}), help_text=_("What price you hope for, by when, how it is packed."),
    )  # fmt: skip
    own_names = ("quantity", "wish")


class OfferForm(forms.Form):
    """What one side would agree to; both sides fill in the same."""

    quantity = forms.IntegerField(label=_("Quantity"), min_value=1, max_value=MAX_QUANTITY)
    unit_price = MoneyField(label=_("Price for one piece"))
    service_code = forms.ChoiceField(label=_("Delivery"))
    shipping = MoneyField(
        label=_("Price of the delivery"), required=False, minimum_minor=0,
        help_text=_("Left empty: what the carrier asks. Zero: free delivery."),
    )  # fmt: skip
    handling_days = forms.IntegerField(
        label=_("Days to get it ready"), min_value=0, max_value=MAX_HANDLING_DAYS, required=False
    )
    valid_days = forms.IntegerField(
        label=_("Stands for how many days?"), min_value=1, max_value=MAX_VALID_DAYS, initial=OFFER_DAYS
    )
    note = forms.CharField(
        label=_("Note"), max_length=MAX_NOTE, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(
        self, *args: Any, currency: str, services: Sequence[ServiceQuote], default_days: int, is_seller: bool, **kwargs: Any
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.default_days = default_days
        for name in ("unit_price", "shipping"):
            self.fields[name].currency = currency  # type: ignore[attr-defined]
        self.fields["service_code"].choices = [  # type: ignore[attr-defined]
            (one.service_code, f"{one.carrier_name}, {one.service_name} ({format_money(one.price)})") for one in services
        ]  # fmt: skip
        if not is_seller:
            del self.fields["handling_days"]

    def offer(self) -> OfferInput:
        data = self.cleaned_data
        days = data.get("handling_days")
        return OfferInput(
            quantity=data["quantity"], unit_price=data["unit_price"], service_code=data["service_code"],
            shipping=data["shipping"], handling_days=self.default_days if days is None else days,
            valid_days=data["valid_days"], note=data["note"],
        )  # fmt: skip

    @staticmethod
    def values_of(word: QuoteOffer | None, *, quantity: int, price: Money, handling_days: int) -> dict[str, Any]:
        """Initial values: the last word, or the listing's price."""
        if word is None:
            return {"quantity": quantity, "unit_price": price, "handling_days": handling_days, "valid_days": OFFER_DAYS}
        return {
            "quantity": word.quantity, "unit_price": word.unit_price, "service_code": word.service_code,
            "shipping": word.shipping, "handling_days": word.handling_days, "valid_days": OFFER_DAYS,
        }  # fmt: skip
