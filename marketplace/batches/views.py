"""Bulk actions of the seller's work list: choose, start, watch; and the packing slips in one file."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from core.clock import utc_now
from core.errors import DomainError, NotFound
from core.web.actions import told
from core.web.requests import actor_of, member_required
from logistics import facade as logistics
from marketplace.batches import services
from marketplace.batches.models import BatchRow, OrderBatch
from marketplace.batches.selectors import get_own_batch, rows_of
from marketplace.batches.slips import render_slips
from marketplace.contracts import OrderNotFound
from marketplace.orders.selectors import with_lines

Results = BatchRow.Results
TONES = {Results.WAITING: "neutral", Results.DONE: "available", Results.REFUSED: "owed"}


def _chosen(request: HttpRequest) -> list[UUID]:
    try:
        return [UUID(text) for text in request.POST.getlist("order")[: services.MAX_ORDERS + 1]]
    except ValueError:
        raise Http404 from None


@member_required
@require_POST
def order_batches(request: HttpRequest) -> HttpResponse:
    """Start an action on the chosen orders."""
    try:
        batch = services.start_batch(
            action=request.POST.get("action", ""), order_ids=_chosen(request), actor=actor_of(request), now=utc_now()
        )
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, told(error))
        return redirect("sales")
    return redirect("order_batch", batch.id)


@member_required
@require_safe
def order_batch(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """How far it is, with a result per order. htmx asks for the inner part only."""
    batch = get_own_batch(batch_id=batch_id, actor=actor_of(request))
    rows = rows_of(batch.id)
    done = [row for row in rows if row.result != Results.WAITING]
    labels = ""
    if batch.action == OrderBatch.Actions.LABELS and batch.finished_at:
        labels = _labels_of([row.order_id for row in rows if row.result == Results.DONE])
    context = {
        "batch": batch, "rows": [(row, TONES[Results(row.result)]) for row in rows], "labels": labels,
        "is_moving": batch.finished_at is None, "done": len(done), "share": round(100 * len(done) / len(rows)),
        "refused": sum(row.result == Results.REFUSED for row in rows),
    }  # fmt: skip
    template = "batch_progress.html" if getattr(request, "htmx", False) else "batch.html"
    return render(request, f"marketplace/{template}", context)


def _labels_of(order_ids: list[UUID]) -> str:
    """Where all labels of these orders come as one file; empty while there is none."""
    shipments = logistics.list_shipments_for_orders(order_ids).values()
    ready = sorted(str(one.shipment_id) for one in shipments if one.label_ready)
    return f"{reverse('logistics:labels')}?{urlencode({'id': ready}, doseq=True)}" if ready else ""


@member_required
@require_POST
def packing_slips(request: HttpRequest) -> HttpResponse:
    """The packing slips of the chosen orders as one PDF."""
    actor, chosen = actor_of(request), _chosen(request)
    found = with_lines(chosen[: services.MAX_ORDERS])
    if any(not actor.acts_for(order.seller_id) for order in found) or len(found) != len(chosen):
        raise OrderNotFound()
    if not found:
        return redirect("sales")
    response = HttpResponse(render_slips(found), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="packing-slips-{len(found)}.pdf"'
    return response
