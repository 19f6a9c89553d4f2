"""The network on one page: hubs and roads on a map, and a parcel's way over them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.clock import utc_now
from logistics.contracts import Place
from logistics.network import selectors, services
from logistics.network.drawing import draw
from logistics.network.forms import AIMS, RouteForm
from logistics.network.models import Link
from logistics.network.rules import Aim, Leg, LegKind, Route

FIRST_QUESTION = {"origin": "ES", "destination": "SE", "weight_grams": 1_000, "currency": "EUR", "aim": Aim.COST}


@require_safe
def network(request: HttpRequest) -> HttpResponse:
    """For anyone; carriers that rest are left out of routes, so the operator sees at once what still goes where."""
    form = RouteForm(request.GET if "weight_grams" in request.GET else FIRST_QUESTION)
    hubs, links = selectors.list_hubs(), selectors.list_links()
    routes = _answer(form, links, now=utc_now()) if form.is_valid() else {}
    chosen = routes.get(Aim(form.cleaned_data["aim"])) if routes else None
    way = [leg.start for leg in chosen.legs[1:]] if chosen else []
    cities = {hub.code: hub.city for hub in hubs}
    context = {
        "form": form, "is_asked": form.is_valid(), "map": draw(hubs, selectors.roads_of(links), way),
        "rows": [{"route": route, "word": AIMS[aim], "is_chosen": route is chosen} for aim, route in routes.items()],
        "chosen": chosen, "legs": [_told(leg, cities) for leg in chosen.legs] if chosen else [],
    }  # fmt: skip
    return render(request, "logistics/network.html", context)


def _answer(form: RouteForm, links: list[Link], *, now: datetime) -> dict[Aim, Route]:
    asked = form.cleaned_data
    return services.plan_routes(
        origin=Place(asked["origin"]), destination=Place(asked["destination"]), currency=asked["currency"],
        parcel=form.parcel, links=links, now=now,
    )  # fmt: skip


def _told(leg: Leg, cities: dict[str, str]) -> dict[str, Any]:
    """A leg with its towns; doors have none."""
    return {
        "leg": leg, "start": cities.get(leg.start, ""), "end": cities.get(leg.end, ""),
        "is_pickup": leg.kind is LegKind.PICKUP, "is_last": leg.kind is LegKind.LAST_MILE,
    }  # fmt: skip
