"""Documents for the people on them: a list, an order's documents, and the PDF."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from core.errors import NotFound
from core.web.requests import actor_of, member_required
from payments.documents import selectors
from payments.documents.pdf import kind_words, render_pdf
from payments.escrow.selectors import get_escrow_view_for

PAGE_SIZE = 25


@member_required
@require_GET
def documents(request: HttpRequest) -> HttpResponse:
    """Invoices, credit notes and fee statements this organisation issued or received."""
    organisation_id = actor_of(request).organisation_id
    if organisation_id is None:
        raise Http404
    page = Paginator(selectors.documents_of(organisation_id), PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [_row(selectors.view_of(document), document.issuer_id == organisation_id) for document in page]
    return render(request, "payments/documents.html", {"page_obj": page, "rows": rows})


@require_GET
def order_documents(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The invoice of an order and its credit notes, for its buyer, its seller and operators."""
    actor = actor_of(request)
    try:
        escrow = get_escrow_view_for(order_id, actor)
    except NotFound as error:
        raise Http404 from error
    rows = [_row(view, actor.acts_for(escrow.seller_id)) for view in selectors.list_documents_of_order(order_id)]
    return render(request, "payments/order_documents.html", {"rows": rows, "escrow": escrow})


@require_GET
def document(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """The PDF, in the reader's language."""
    try:
        found = selectors.get_document_for(document_id, actor_of(request))
    except NotFound as error:
        raise Http404 from error
    response = HttpResponse(render_pdf(found), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{found.number}.pdf"'
    return response


def _row(view: Any, issued: bool) -> dict[str, Any]:
    return {"document": view, "kind": kind_words(view.kind), "issued": issued}
