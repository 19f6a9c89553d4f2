"""All carriers side by side: what they would take, when it arrives, how often that holds, and why the others will not."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.clock import utc_now
from logistics.contracts import Place, QuoteRequest, QuoteSet
from logistics.network import offers
from logistics.rates.forms import CompareForm

FIRST_QUESTION = {"origin": "ES", "destination": "PT", "weight_grams": 1_000, "currency": "EUR"}


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """For anyone; without a question a parcel of one kilogram is asked for."""
    form = CompareForm(request.GET if "weight_grams" in request.GET else FIRST_QUESTION)
    found = _answer(form, now=utc_now()) if form.is_valid() else None
    return render(request, "logistics/compare.html", {"form": form, "found": found})


def _answer(form: CompareForm, *, now: datetime) -> QuoteSet:
    asked = form.cleaned_data
    request = QuoteRequest(
        origin=Place(asked["origin"]), destination=Place(asked["destination"]), parcel=form.parcel, handling_days=1,
        currency=asked["currency"],
    )  # fmt: skip
    (found,) = offers.quote_many(requests=[request], now=now)
    return found
