"""Pages of shipments: the label."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from core.web.requests import actor_of, member_required
from logistics.contracts import LabelNotReady
from logistics.shipments import selectors


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
