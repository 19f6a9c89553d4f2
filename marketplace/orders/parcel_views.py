"""Orders that go out in parts: a parcel of some pieces, and pieces that will not come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.actor import Actor
from core.clock import utc_now
from core.errors import DomainError, NotFound
from core.web.actions import add_error, attempt
from core.web.requests import actor_of, member_required
from logistics import facade as logistics
from marketplace.orders import parcels
from marketplace.orders.forms import PackForm, PiecesForm, ReductionForm
from marketplace.orders.models import Order
from marketplace.orders.selectors import get_order_for, line_balances
from marketplace.orders.states import UNSENT


def parcel_rows(order: Order) -> list[dict[str, Any]]:
    """The parcels of an order with where each is."""
    return [
        row
        | {
            "timeline": logistics.timeline(row["shipment"].shipment_id) if row["shipment"] else (),
            "waits": row["parcel"].shipped_at is None and row["parcel"].lost_at is None,
        }
        for row in parcels.list_parcels(order.id)
    ]


def left_lines(order: Order) -> list[tuple[Any, int]]:
    """Lines with the pieces that may still be packed, or taken out."""
    if order.state not in UNSENT:
        return []
    left = line_balances(order.id)
    return [(line, left[line.id].free) for line in order.lines.all() if left[line.id].free]


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_parcel(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The seller packs some pieces now; the rest follows."""
    actor = actor_of(request)
    order = get_order_for(order_id=order_id, actor=actor)
    left = left_lines(order)
    if not actor.acts_for(order.seller_id):
        raise Http404
    form = PackForm(request.POST or None, lines=left, initial={"key": str(uuid4())})

    def pack(pieces: Mapping[UUID, int], now: datetime) -> None:
        parcels.pack_parcel(order_id=order.id, pieces=pieces, key=form.cleaned_data["key"], actor=actor, now=now)

    if request.method == "POST" and _done(form, pack):
        messages.success(request, _("Packed. Print the label."))
        return redirect("order", order.id)
    return _page(request, "marketplace/new_parcel.html", order, form, left)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def reduction(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Buyer or seller takes out pieces that were not packed yet; their price goes back."""
    actor = actor_of(request)
    order = get_order_for(order_id=order_id, actor=actor)
    left = left_lines(order)
    form = ReductionForm(request.POST or None, lines=left)

    def take_out(pieces: Mapping[UUID, int], now: datetime) -> None:
        reason = form.cleaned_data["reason"]
        parcels.cancel_pieces(order_id=order.id, pieces=pieces, reason=reason, actor=actor, now=now)

    if request.method == "POST" and _done(form, take_out):
        messages.success(request, _("Taken out. Their price goes back to the buyer."))
        return redirect("order", order.id)
    return _page(request, "marketplace/order_reduction.html", order, form, left, is_seller=_is_seller(actor, order))


def _is_seller(actor: Actor, order: Order) -> bool:
    return actor.acts_for(order.seller_id)


def _done(form: PiecesForm, act: Callable[[Mapping[UUID, int], datetime], None]) -> bool:
    """Whether it worked; a refusal stands on the form."""
    if not form.is_valid():
        return False
    try:
        act(form.pieces, utc_now())
    except NotFound:
        raise
    except DomainError as error:
        add_error(form, error)
        return False
    return True


def _page(
    request: HttpRequest, template: str, order: Order, form: PiecesForm, left: list[tuple[Any, int]], **more: Any
) -> HttpResponse:
    context = {"order": order, "form": form, "left": left, **more}
    return render(request, template, context, status=422 if form.errors else 200)


@member_required
@require_GET
def parcel_customs(request: HttpRequest, order_id: UUID, parcel_id: UUID) -> HttpResponse:
    """CN 23 and commercial invoice of one parcel over a customs border (the seller)."""
    content = parcels.customs_papers(order_id=order_id, parcel_id=parcel_id, actor=actor_of(request))
    return HttpResponse(content, content_type="application/pdf", headers={"Cache-Control": "private, no-store"})


@member_required
@require_POST
def parcel_hand_over(request: HttpRequest, order_id: UUID, parcel_id: UUID) -> HttpResponse:
    """The seller gave this parcel to the carrier."""
    return _step(request, order_id, parcel_id, parcels.hand_over_parcel, _("Thank you. The carrier's scan follows."))


@member_required
@require_POST
def parcel_removal(request: HttpRequest, order_id: UUID, parcel_id: UUID) -> HttpResponse:
    """The seller unpacks a parcel that was not handed over."""
    return _step(request, order_id, parcel_id, parcels.void_parcel, _("Unpacked. Its label is void."))


def _step(request: HttpRequest, order_id: UUID, parcel_id: UUID, act: Any, done: str) -> HttpResponse:
    actor = actor_of(request)
    get_order_for(order_id=order_id, actor=actor)
    attempt(
        request, lambda: act(order_id=order_id, parcel_id=parcel_id, actor=actor, now=utc_now()), done=done
    )  # fmt: skip
    return redirect("order", order_id)
