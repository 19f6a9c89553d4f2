"""What the component page shows: each component with plausible values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.money import Money
from core.web.forms import ImageUploadField, MoneyField

MOMENT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ICONS = ("truck", "shield-check", "shopping-cart", "banknotes", "scale", "lifebuoy", "inbox", "map-pin", "qr-code",
         "receipt-refund", "chat-bubble-left-right", "building-storefront")  # fmt: skip


class SpecimenForm(forms.Form):
    """A field of every kind."""

    title = forms.CharField(label=_("Title"), max_length=80, help_text=_("What a buyer would search for."))
    price = MoneyField(label=_("Price"), currency="EUR", help_text=_("With VAT."))
    country = forms.ChoiceField(label=_("Ships from"), choices=[("ES", _("Spain")), ("PT", _("Portugal"))])
    size = forms.ChoiceField(
        label=_("Parcel"), choices=[("S", _("Small")), ("L", _("Large"))], widget=forms.RadioSelect, initial="S"
    )
    notes = forms.CharField(label=_("Notes"), widget=forms.Textarea(attrs={"rows": 3}), required=False)
    picture = ImageUploadField(label=_("Picture"), required=False)
    agreed = forms.BooleanField(label=_("I ship within two working days"))


def specimens(request: HttpRequest) -> dict[str, Any]:
    """Context of the component page."""
    wrong = SpecimenForm(
        {"wrong-title": "", "wrong-price": "12.3456", "wrong-country": "ES", "wrong-size": "S"}, prefix="wrong"
    )
    pages = Paginator(range(240), 24)
    return {
        "icons": ICONS,
        "amount": Money(10020, "EUR"),
        "amounts": [Money(125000, "EUR"), Money(4800, "JPY"), Money(-1250, "USD"), Money(12345, "KWD")],
        "tones": [("held", _("Held")), ("moving", _("On its way")), ("available", _("Available")),
                  ("owed", _("Owed")), ("brand", _("Verified")), ("neutral", _("Draft"))],
        "steps": escrow_specimen(),
        "entries": timeline_specimen(),
        "form": SpecimenForm(initial={"title": _("Linen tablecloth"), "price": Money(4800, "EUR")}, prefix="right"),
        "wrong_form": wrong,
        "page_obj": pages.get_page(request.GET.get("page", 4)),
        "sales": [(f"{day} Feb", 40 + (day * 37) % 90) for day in range(1, 29)],
        "carriers": [(_("Correos"), 412), (_("Iberia Paq"), 288), (_("Valencia Ciclo"), 131), (_("Lockers"), 47)],
        "funnel": [(_("Searches"), 12840), (_("Product pages"), 5310), (_("Carts"), 902), (_("Orders"), 611)],
    }  # fmt: skip


def escrow_specimen() -> list[dict[str, Any]]:
    return [
        {"label": _("Paid"), "note": "20 Nov, 10:14", "state": "done"},
        {"label": _("Held by Lonja"), "note": "€100.20", "state": "done"},
        {"label": _("Shipped"), "note": "21 Nov, Correos", "state": "done"},
        {"label": _("On its way"), "note": _("arrives Thu 26 to Sat 28"), "state": "now"},
        {"label": _("Released"), "note": _("when you confirm"), "state": "todo"},
    ]


def timeline_specimen() -> list[dict[str, Any]]:
    return [
        {"title": _("Left the hub in Zaragoza"), "note": _("On to the last mile"), "at": MOMENT, "tone": "moving"},
        {"title": _("Picked up from the seller"), "note": _("Scanned by both sides"), "at": MOMENT - timedelta(1),
         "tone": "available"},
        {"title": _("Label printed"), "note": "", "at": MOMENT - timedelta(2), "tone": "neutral"},
    ]  # fmt: skip
