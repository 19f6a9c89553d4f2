"""Pages of tracking: the parcel panel, the public page by number, and the carriers' webhook door."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.clock import utc_now
from core.web.actions import attempt
from core.web.requests import actor_of, member_required
from logistics.carriers.signatures import SIGNATURE_HEADER, TIMESTAMP_HEADER
from logistics.contracts import ShipmentNotFound, WebhookRejected
from logistics.shipments import selectors as shipments
from logistics.shipments.rules import is_waybill
from logistics.tracking import selectors, services
from logistics.tracking.map import map_of
from logistics.tracking.timeline import status_title, tone_of

LATEST = 10
"""Parcels shown as handed over last."""


@require_safe
def parcel_panel(request: HttpRequest, shipment_id: UUID) -> HttpResponse:
    """The parcel's story, for its buyer, its seller and operators; a fragment under htmx, else a page."""
    actor = actor_of(request)
    if not actor.is_authenticated:
        return redirect_to_login(request.get_full_path())
    try:
        shipment = shipments.get_shipment_for(shipment_id, actor=actor)
    except ShipmentNotFound as error:
        raise Http404(error.message) from error
    template = "parcel_panel.html" if request.headers.get("HX-Request") else "parcel_page.html"
    entries = selectors.timeline_of(shipment)
    context = {
        "shipment": shipment, "entries": entries, "map": map_of(entries), "tone": tone_of(shipment.tracking_status),
        "status": status_title(shipment.tracking_status), "is_seller": actor.acts_for(shipment.seller_id),
        "has_carrier_label": shipments.find_carrier_label(shipment_id) is not None,
        "legs": selectors.list_leg_views(shipment),
    }  # fmt: skip
    return render(request, f"logistics/{template}", context)


@require_safe
def track_form(request: HttpRequest) -> HttpResponse:
    """Where anyone types a number."""
    number = _normal(request.GET.get("number", ""))
    if is_waybill(number):
        return redirect("logistics:track", number=number)
    return render(request, "logistics/track_form.html", {"number": number, "is_wrong": bool(number)})


@require_safe
def track(request: HttpRequest, number: str) -> HttpResponse:
    """The story by number, without log-in: no names, addresses, prices or parties."""
    number = _normal(number)
    shipment = shipments.find_shipment_by_number(number) if is_waybill(number) else None
    if shipment is None:
        context = {"number": number[:40], "is_wrong": True}
        return render(request, "logistics/track_form.html", context, status=404)
    entries = selectors.timeline_of(shipment, is_public=True)
    context = {
        "shipment": shipment, "entries": entries, "map": map_of(entries),
        "tone": tone_of(shipment.tracking_status),
        "status": status_title(shipment.tracking_status),
    }  # fmt: skip
    return render(request, "logistics/track.html", context)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: HttpRequest) -> HttpResponse:
    """Parcel by parcel into the carrier's hands: scanned with a telephone's camera, or typed."""
    actor = actor_of(request)
    assert actor.organisation_id is not None, "members act for an organisation"
    if request.method == "POST":
        found = shipments.find_own_shipment(request.POST.get("number", "")[:400], sender_id=actor.organisation_id)
        if found is None:
            messages.error(request, _("No parcel of yours has this number."))
        elif found.handover_declared_at is not None:
            messages.info(request, _("%(number)s was handed over before.") % {"number": found.tracking_number})
        else:
            attempt(
                request, lambda: services.hand_over(shipment_id=found.shipment_id, actor=actor, now=utc_now()),
                done=_("%(number)s is handed over. The next one?") % {"number": found.tracking_number},
            )  # fmt: skip
        return redirect("logistics:hand_over")
    latest = shipments.list_handed_over(actor.organisation_id, limit=LATEST)
    return render(request, "logistics/hand_over.html", {"latest": latest})


@csrf_exempt
@require_POST
def carrier_webhook(request: HttpRequest, carrier_code: str) -> JsonResponse:
    """Signed messages of carriers. 202 when taken (also the second time), 401 when not genuine."""
    try:
        services.receive_webhook(
            carrier_code=carrier_code, body=request.body, now=utc_now(),
            timestamp=request.headers.get(TIMESTAMP_HEADER, ""),
            signature=request.headers.get(SIGNATURE_HEADER, ""),
        )  # fmt: skip
    except WebhookRejected as error:
        return JsonResponse({"error": error.message}, status=error.status)
    return JsonResponse({"taken": True}, status=202)


def _normal(number: str) -> str:
    return "".join(number.split()).upper()
