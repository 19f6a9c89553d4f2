"""Pages of shipments: the label, and how well promises are kept."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from core.clock import utc_now
from core.web.requests import actor_of, member_required
from logistics.contracts import LabelNotReady
from logistics.promises.selectors import list_remedies, list_versions
from logistics.shipments import promises, selectors


@require_safe
@member_required
def label(request: HttpRequest, shipment_id: UUID) -> HttpResponse:
    """The label as PDF, for the seller alone. 409 while the carrier has not confirmed."""
    shipment = selectors.get_shipment_for(shipment_id, actor=actor_of(request), seller_only=True)
    try:
        content = selectors.label_pdf(shipment_id)
    except LabelNotReady as error:
        return HttpResponse(f"{error.message} {error.remedy}", status=409, content_type="text/plain; charset=utf-8")
    return HttpResponse(
        content, content_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="label-{shipment.tracking_number}.pdf"',
            "Cache-Control": "private, no-store",
        },
    )  # fmt: skip


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
