"""The round of a day: for operators, and for the courier by a link that lasts the day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.clock import utc_now
from core.errors import NotFound
from core.web.actions import attempt
from core.web.requests import actor_of
from logistics.rounds import selectors, services
from logistics.rounds.drawing import draw
from logistics.rounds.models import Courier, Round, RoundStop

SALT = "logistics.round"
LINK_DAYS = 2
"""The courier's link stops working so long after the day."""


def _operator(request: HttpRequest) -> None:
    if not actor_of(request).is_operator:
        raise Http404


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Http404("Not a day.") from error


def _courier(code: str) -> Courier:
    try:
        return selectors.get_courier(code)
    except NotFound as error:
        raise Http404(error.message) from error


@require_safe
def rounds(request: HttpRequest) -> HttpResponse:
    """All couriers whose rounds are planned here; for operators."""
    _operator(request)
    now = utc_now()
    rows = [(row, now.astimezone(ZoneInfo(row.time_zone)).date()) for row in selectors.list_couriers()]
    return render(request, "logistics/rounds.html", {"rows": rows})


@require_safe
def day_round(request: HttpRequest, carrier_code: str, day: str) -> HttpResponse:
    """The stops of a day in order, for operators."""
    _operator(request)
    courier, date_ = _courier(carrier_code), _day(day)
    token = signing.dumps([carrier_code, day], salt=SALT)
    context = {
        **_shown(courier, date_), "is_operator": True,
        "link": settings.SITE_URL + reverse("logistics:courier_round", args=[token]),
        "can_plan": date_ >= utc_now().astimezone(ZoneInfo(courier.time_zone)).date(),
        "before": date_ - timedelta(days=1), "after": date_ + timedelta(days=1),
    }  # fmt: skip
    return _private(render(request, "logistics/round.html", context))


@require_POST
def round_planning(request: HttpRequest, carrier_code: str, day: str) -> HttpResponse:
    """Plan it anew."""
    _operator(request)
    _courier(carrier_code)
    date_ = _day(day)
    attempt(
        request,
        lambda: services.plan_day(carrier_code=carrier_code, day=date_, actor=actor_of(request), now=utc_now()),
        done=_("Planned."),
    )
    return redirect("logistics:round", carrier_code, day)


@require_safe
def courier_round(request: HttpRequest, token: str) -> HttpResponse:
    """The same by the link the operator gives the courier; no log-in, gone two days after."""
    try:
        code, day_text = signing.loads(token, salt=SALT)
        day = date.fromisoformat(day_text)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise Http404("Not a link of ours.") from error
    if utc_now().date() > day + timedelta(days=LINK_DAYS):
        raise Http404("This link is over.")
    response = _private(render(request, "logistics/round.html", _shown(_courier(code), day)))
    response["Referrer-Policy"] = "no-referrer"  # the address of this page is its key
    return response


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-store"
    return response


def _shown(courier: Courier, day: date) -> dict[str, Any]:
    planned = selectors.find_round(courier, day)
    context: dict[str, Any] = {"courier": courier, "day": day, "round": planned}
    return context | (_stops(courier, planned) if planned else {})


def _stops(courier: Courier, planned: Round) -> dict[str, Any]:
    stops, zone = selectors.stops_of(planned), ZoneInfo(courier.time_zone)
    doors = selectors.addresses_of([stop.shipment_id for stop in stops if stop.shipment_id])

    def local(at: datetime | None) -> datetime | None:
        return at.astimezone(zone).replace(tzinfo=None) if at else None

    def row(stop: RoundStop) -> dict[str, Any]:
        return {
            "stop": stop, "arrives": local(stop.arrives_at), "leaves": local(stop.leaves_at),
            "address": selectors.door_of(stop, doors),
            "opens": local(stop.pickup.opens_at) if stop.pickup else None,
            "closes": local(stop.pickup.closes_at) if stop.pickup else None,
        }  # fmt: skip

    served = [row(stop) for stop in stops if stop.number]
    return {
        "couriers": _by_courier(served), "left_out": [row(stop) for stop in stops if not stop.number],
        "map": draw(courier, stops), "kilometres": round(planned.metres / 1_000, 1), "count": len(served),
    }  # fmt: skip


def _by_courier(rows: list[dict[str, Any]]) -> list[tuple[int, list[dict[str, Any]]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["stop"].courier_number, []).append(row)
    return sorted(found.items())
