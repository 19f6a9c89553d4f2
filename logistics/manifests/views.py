"""The seller's pages of manifests: all, one, its paper and file, and the hand-over scan."""

from __future__ import annotations

import csv
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.clock import utc_now
from core.web.actions import attempt
from core.web.requests import actor_of, member_required
from logistics.manifests import selectors, services
from logistics.manifests.models import Manifest
from logistics.manifests.paper import render_manifest
from logistics.manifests.rules import number_scanned
from logistics.manifests.states import ManifestState

PAGE_SIZE = 20
COLUMNS = (
    "manifest", "position", "waybill", "carrier_number", "service", "reference", "country", "parcels", "weight_grams",
)  # fmt: skip
S = ManifestState
STATES = {S.OPEN: gettext_lazy("Ready"), S.CLOSED: gettext_lazy("Handed over"), S.CANCELLED: gettext_lazy("Taken back")}
TONES = {S.OPEN: "moving", S.CLOSED: "available", S.CANCELLED: "neutral"}


def decorated(found: Manifest) -> dict[str, Any]:
    """What a list row shows."""
    state, kilos = ManifestState(found.state), number_format(found.weight_grams / 1000, 1)
    return {"manifest": found, "label": STATES[state], "tone": TONES[state], "kilos": kilos}


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def manifests(request: HttpRequest) -> HttpResponse:
    """All manifests of a seller; POST makes one for a carrier."""
    actor = actor_of(request)
    assert actor.organisation_id is not None, "members act for an organisation"
    if request.method == "POST":
        made: list[Manifest] = []
        code = request.POST.get("carrier", "")[:30]
        attempt(
            request,
            lambda: made.append(services.make_manifest(carrier_code=code, actor=actor, now=utc_now())),
        )
        return redirect("logistics:manifest", made[0].id) if made else redirect("logistics:manifests")
    page = Paginator(selectors.list_manifests(actor), PAGE_SIZE).get_page(request.GET.get("page"))
    ready = selectors.list_carriers_ready(actor.organisation_id)
    context = {"page_obj": page, "rows": [decorated(row) for row in page], "ready": ready}
    return render(request, "logistics/manifests.html", context)


@member_required
@require_safe
def manifest(request: HttpRequest, manifest_id: UUID) -> HttpResponse:
    """One manifest with its parcels, and what can be done."""
    found = selectors.get_manifest_for(manifest_id, actor=actor_of(request))
    context = {**decorated(found), "lines": selectors.lines_of(found), "is_open": found.state == S.OPEN}
    return render(request, "logistics/manifest.html", context)


@member_required
@require_safe
def manifest_paper(request: HttpRequest, manifest_id: UUID) -> HttpResponse:
    """To print and sign."""
    found = selectors.get_manifest_for(manifest_id, actor=actor_of(request))
    lines = selectors.lines_of(found)
    response = HttpResponse(render_manifest(found, lines, selectors.sender_of(lines)), content_type="application/pdf")
    return _private(response, f'inline; filename="{found.number}.pdf"')


@member_required
@require_safe
def manifest_file(request: HttpRequest, manifest_id: UUID) -> HttpResponse:
    """As CSV, for the carrier's or the seller's own programs."""
    found = selectors.get_manifest_for(manifest_id, actor=actor_of(request))
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    rows = csv.writer(response)
    rows.writerow(COLUMNS)
    for line in selectors.lines_of(found):
        one = line.shipment
        rows.writerow((
            found.number, line.position, one.waybill, one.carrier_number, one.service_id, one.reference,
            one.destination_country, line.parcels, line.weight_grams,
        ))  # fmt: skip
    return _private(response, f'attachment; filename="{found.number}.csv"')


def _private(response: HttpResponse, place: str) -> HttpResponse:
    response["Content-Disposition"], response["Cache-Control"] = place, "private, no-store"
    return response


@member_required
@require_POST
def manifest_hand_over(request: HttpRequest, manifest_id: UUID) -> HttpResponse:
    """Everything on it is with the carrier."""
    _close(request, selectors.get_manifest_for(manifest_id, actor=actor_of(request)))
    return redirect("logistics:manifest", manifest_id)


@member_required
@require_POST
def manifest_scan(request: HttpRequest) -> HttpResponse:
    """A manifest's barcode, scanned or typed on the hand-over page."""
    number = number_scanned(request.POST.get("number", "")[:400])
    found = selectors.find_own_manifest(number, actor=actor_of(request))
    if found is None:
        messages.error(request, _("No manifest of yours has this number."))
    else:
        _close(request, found)
    return redirect("logistics:hand_over")


def _close(request: HttpRequest, found: Manifest) -> None:
    given: list[UUID] = []

    def close() -> None:
        given.extend(services.close_manifest(manifest_id=found.id, actor=actor_of(request), now=utc_now())[1])

    if attempt(request, close, done=_("%(number)s is handed over.") % {"number": found.number}):
        services.announce_manifest(shipment_ids=given, now=utc_now())


@member_required
@require_POST
def manifest_cancellation(request: HttpRequest, manifest_id: UUID) -> HttpResponse:
    """Take it back before the hand-over."""
    selectors.get_manifest_for(manifest_id, actor=actor_of(request))
    attempt(
        request,
        lambda: services.cancel_manifest(manifest_id=manifest_id, reason="", actor=actor_of(request), now=utc_now()),
        done=_("Taken back. The parcels may go on another one."),
    )
    return redirect("logistics:manifest", manifest_id)
