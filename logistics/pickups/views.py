"""The seller's pages of pickups: all of them, a new one, and one with its parcels."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.actor import Actor
from core.clock import utc_now
from core.errors import DomainError, NotFound
from core.web.actions import add_error, attempt, form_problems
from core.web.requests import actor_of, member_required
from logistics.contracts import Address
from logistics.pickups import selectors, services
from logistics.pickups.forms import PickupForm, WindowForm, clock
from logistics.pickups.models import Pickup, PickupTerms
from logistics.pickups.states import OPEN, PickupState
from logistics.pickups.words import NEXT, STATES, TONES, weekdays_told
from logistics.shipments.selectors import list_to_ship

PAGE_SIZE = 20
TO_SHIP_PAGE = 25


def decorated(found: Pickup) -> dict[str, Any]:
    """What a list row shows, times by the clock of the place."""
    state = PickupState(found.state)
    return {
        "pickup": found, "label": STATES[state], "tone": TONES[state],
        "opens": _there(found, found.opens_at), "closes": _there(found, found.closes_at),
        "cutoff": _there(found, found.cutoff_at),
    }  # fmt: skip


def _there(found: Pickup, moment: datetime) -> datetime:
    """By the clock of the place and without a zone, so that templates do not turn it into the house's."""
    return moment.astimezone(ZoneInfo(found.time_zone)).replace(tzinfo=None)


@require_safe
@member_required
def to_ship(request: HttpRequest) -> HttpResponse:
    """The seller's work list: parcels with a label that the carrier does not have yet, their labels to print, and a pickup."""
    seller_id = actor_of(request).organisation_id
    assert seller_id is not None, "members act for an organisation"
    page = Paginator(list_to_ship(seller_id), TO_SHIP_PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "now": utc_now(), "waiting": selectors.list_waiting(seller_id)}
    return render(request, "logistics/to_ship.html", context)


@member_required
@require_safe
def pickups(request: HttpRequest) -> HttpResponse:
    """What waits for a carrier, standing bookings, and pickups, the latest first."""
    actor = actor_of(request)
    assert actor.organisation_id is not None, "members act for an organisation"
    page = Paginator(selectors.list_pickups(actor), PAGE_SIZE).get_page(request.GET.get("page"))
    schedules = selectors.list_schedules(actor.organisation_id)
    context = {
        "page_obj": page, "rows": [decorated(row) for row in page],
        "waiting": selectors.list_waiting(actor.organisation_id),
        "schedules": [{"schedule": row, "days": weekdays_told(row.weekdays)} for row in schedules],
    }  # fmt: skip
    return render(request, "logistics/pickups.html", context)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_pickup(request: HttpRequest) -> HttpResponse:
    """Book a carrier's pickup, once or every week."""
    actor, now = actor_of(request), utc_now()
    assert actor.organisation_id is not None, "members act for an organisation"
    door = selectors.usual_door(actor.organisation_id)
    terms = selectors.list_terms(country=door.country if door else "", now=now)
    waiting = {row.carrier_code: row for row in selectors.list_waiting(actor.organisation_id)}
    asked = (request.GET.get("carrier"), *waiting)
    first = next((row for code in asked for row in terms if row.carrier_id == code), terms[0] if terms else None)
    form = PickupForm(request.POST or None, terms=terms, initial=_usual(first, door, now))
    if request.method == "POST" and form.is_valid():
        try:
            return _book(form, actor, now)
        except NotFound:
            raise
        except DomainError as error:
            add_error(form, error)
    context = {
        "form": form, "first": waiting.get(first.carrier_id) if first else None,
        "terms": [{"row": row, "days": weekdays_told(row.weekdays)} for row in terms],
    }  # fmt: skip
    return render(request, "logistics/new_pickup.html", context)


def _usual(terms: PickupTerms | None, at: Address | None, now: datetime) -> dict[str, Any]:
    """What the form begins with: the carrier's hours, the usual address, and the first day that is not too late."""
    if terms is None:
        return {}
    opens, closes = clock(terms.last_hour - max(terms.least_hours, 3)), clock(terms.last_hour)
    found: dict[str, Any] = {"carrier": terms.carrier_id, "opens": opens, "closes": closes}
    if at is not None:
        found |= {name: getattr(at, name) for name in ("name", "street", "city", "postcode", "country", "phone")}
        visit = services.Visit(terms.carrier_id, opens, closes, at)
        found["day"] = services.first_day(visit=visit, now=now)
    return found


def _book(form: PickupForm, actor: Actor, now: datetime) -> HttpResponse:
    data, visit = form.cleaned_data, form.visit()
    if data["often"] == "weekly":
        services.start_schedule(visit=visit, weekdays="".join(data["weekdays"]), actor=actor, now=now)
        return redirect("logistics:pickups")
    pickup = services.book_pickup(visit=visit, day=data["day"], actor=actor, now=now)
    services.tell_carrier(pickup_id=pickup.id, now=now)
    return redirect("logistics:pickup", pickup.id)


@member_required
@require_safe
def pickup(request: HttpRequest, pickup_id: UUID) -> HttpResponse:
    """One pickup with its parcels, and what can be done."""
    found, now = selectors.get_pickup_for(pickup_id, actor=actor_of(request)), utc_now()
    row, is_open = decorated(found), found.state in OPEN
    started = now.astimezone(ZoneInfo(found.time_zone)).date() >= found.day
    parcels = selectors.parcels_of(found)
    window = {"day": found.day, "opens": row["opens"].time(), "closes": row["closes"].time()}
    context = {
        **row, "next": NEXT[PickupState(found.state)], "parcels": parcels,
        "kilos": number_format(selectors.weight_of(parcels) / 1000, 1),
        "late": sum(is_open and parcel.promise.ship_by < found.opens_at for parcel in parcels),
        "can_change": is_open and now < found.cutoff_at, "form": WindowForm(initial=window),
        "can_finish": is_open and started, "can_miss": is_open and now >= found.closes_at,
        "steps": [(STATES[PickupState(step.to_state)], step) for step in found.transitions.all()],
    }  # fmt: skip
    return render(request, "logistics/pickup.html", context)


@member_required
@require_POST
def pickup_change(request: HttpRequest, pickup_id: UUID) -> HttpResponse:
    """Another day or window."""
    selectors.get_pickup_for(pickup_id, actor=actor_of(request))
    form, now = WindowForm(request.POST), utc_now()
    if not form.is_valid():
        attempt(request, lambda: _refuse(form_problems(form)))
        return redirect("logistics:pickup", pickup_id)
    if attempt(
        request,
        lambda: services.change_pickup(pickup_id=pickup_id, **form.cleaned_data, actor=actor_of(request), now=now),
        done=_("Changed. The carrier is told."),
    ):
        services.tell_carrier(pickup_id=pickup_id, now=now)
    return redirect("logistics:pickup", pickup_id)


def _refuse(words: str) -> None:
    raise DomainError(words)


@member_required
@require_POST
def pickup_cancellation(request: HttpRequest, pickup_id: UUID) -> HttpResponse:
    """The carrier need not come."""
    selectors.get_pickup_for(pickup_id, actor=actor_of(request))
    attempt(
        request,
        lambda: services.cancel_pickup(pickup_id=pickup_id, reason="", actor=actor_of(request), now=utc_now()),
        done=_("Called off."),
    )
    return redirect("logistics:pickup", pickup_id)


@member_required
@require_POST
def pickup_completion(request: HttpRequest, pickup_id: UUID) -> HttpResponse:
    """The carrier took the chosen parcels (`id`, repeated)."""
    selectors.get_pickup_for(pickup_id, actor=actor_of(request))
    try:
        chosen = [UUID(text) for text in request.POST.getlist("id")]
    except ValueError as error:
        raise Http404("Not an id.") from error
    given: list[UUID] = []

    def finish() -> None:
        given.extend(services.finish_pickup(
            pickup_id=pickup_id, shipment_ids=chosen, actor=actor_of(request), now=utc_now()
        )[1])  # fmt: skip

    if attempt(request, finish, done=_("Handed over. The carrier's scans follow.")):
        services.announce_parcels(shipment_ids=given, now=utc_now())
    return redirect("logistics:pickup", pickup_id)


@member_required
@require_POST
def pickup_absence(request: HttpRequest, pickup_id: UUID) -> HttpResponse:
    """Nobody came."""
    selectors.get_pickup_for(pickup_id, actor=actor_of(request))
    attempt(
        request,
        lambda: services.miss_pickup(pickup_id=pickup_id, reason="", actor=actor_of(request), now=utc_now()),
        done=_("Noted. Book another day."),
    )
    return redirect("logistics:pickup", pickup_id)


@member_required
@require_POST
def pickup_schedule_end(request: HttpRequest, schedule_id: UUID) -> HttpResponse:
    """The carrier comes no more by itself."""
    attempt(
        request, lambda: services.end_schedule(schedule_id=schedule_id, actor=actor_of(request), now=utc_now()),
        done=_("Ended. Pickups past their cut-off still happen."),
    )  # fmt: skip
    return redirect("logistics:pickups")
