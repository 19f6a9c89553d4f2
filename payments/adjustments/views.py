"""What the operator corrected, for the seller."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from core.web.requests import actor_of, member_required
from payments.adjustments import selectors

PAGE_SIZE = 25


@member_required
@require_GET
def seller_adjustments(request: HttpRequest) -> HttpResponse:
    """Penalties, compensations and corrections with their reasons."""
    seller_id = actor_of(request).organisation_id
    if seller_id is None:
        raise Http404
    kinds = {"PENALTY": _("Penalty"), "COMPENSATION": _("Compensation"), "CORRECTION": _("Correction")}
    page = Paginator(selectors.posted_adjustments(seller_id), PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [(adjustment, kinds.get(adjustment.kind, adjustment.kind)) for adjustment in page]
    return render(request, "payments/seller_adjustments.html", {"page_obj": page, "rows": rows})
