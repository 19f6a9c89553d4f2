"""Pages of shipments: labels, what to ship, and how well promises are kept."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from core.clock import utc_now
from core.web.requests import actor_of, member_required
from logistics.contracts import LabelNotReady, ShipmentNotFound
from logistics.promises.selectors import list_remedies, list_versions
from logistics.shipments import promises, selectors
from logistics.shipments.label_output import render_pdf, render_zpl

NOT_STORED = "private, no-store"


@require_safe
@member_required
def label(request: HttpRequest, shipment_id: UUID) -> HttpResponse:
    """The label as PDF, for the seller alone. 409 while the carrier has not confirmed."""
    return _file(request, [shipment_id], zpl=False)


@require_safe
@member_required
def label_zpl(request: HttpRequest, shipment_id: UUID) -> HttpResponse:
    """The label for label printers."""
    return _file(request, [shipment_id], zpl=True)


@require_safe
@member_required
def carrier_label(request: HttpRequest, shipment_id: UUID) -> HttpResponse:
    """The carrier's own label, where it sells one; for the seller alone."""
    selectors.get_shipment_for(shipment_id, actor=actor_of(request), seller_only=True)
    found = selectors.find_carrier_label(shipment_id)
    if found is None:
        raise Http404("There is no label of the carrier's own.")
    return HttpResponse(found, content_type="application/pdf", headers={"Cache-Control": NOT_STORED})


@require_safe
@member_required
def labels(request: HttpRequest) -> HttpResponse:
    """The labels of the chosen shipments (`id`, repeated) in one file; `as=zpl` for label printers."""
    try:
        chosen = [UUID(text) for text in request.GET.getlist("id")]
    except ValueError as error:
        raise Http404("Not an id.") from error
    return _file(request, chosen, zpl=request.GET.get("as") == "zpl")


def _file(request: HttpRequest, ids: list[UUID], *, zpl: bool) -> HttpResponse:
    try:
        found = selectors.labels_for(ids, actor=actor_of(request))
    except ShipmentNotFound as error:
        raise Http404(error.message) from error
    except LabelNotReady as error:
        return HttpResponse(f"{error.message} {error.remedy}", status=409, content_type="text/plain; charset=utf-8")
    name = f"label-{found[0].waybill}" if len(found) == 1 else f"labels-{len(found)}"
    kind, content = ("application/x-zpl", render_zpl(found)) if zpl else ("application/pdf", render_pdf(found))
    place = f'{"attachment" if zpl else "inline"}; filename="{name}.{"zpl" if zpl else "pdf"}"'
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": place, "Cache-Control": NOT_STORED})


@require_safe
def promises_kept(request: HttpRequest) -> HttpResponse:
    """For anyone: what was promised and what happened, by service, month and model."""
    now = utc_now()
    context = {
        "services": promises.calibration_by_service(now=now), "services_title": gettext("Service"),
        "months": promises.calibration_by_month(now=now), "months_title": gettext("Month"),
        "models": promises.calibration_by_model(now=now), "models_title": gettext("Model"),
        "remedies": list_remedies(), "versions": list_versions(),
    }  # fmt: skip
    return render(request, "logistics/promises.html", context)
