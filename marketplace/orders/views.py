"""Orders: the buyer's list, the seller's work list, and one page both sides share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from core.clock import utc_now
from core.web.actions import attempt
from core.web.fragments import remembered
from core.web.requests import actor_of, member_required
from logistics import facade as logistics
from marketplace.contracts import OrderNotFound, OrderState
from marketplace.imports.files import csv_lines
from marketplace.orders import services
from marketplace.orders.again import buy_again
from marketplace.orders.models import Order
from marketplace.orders.parcel_views import left_lines, parcel_rows
from marketplace.orders.rules import may_withdraw
from marketplace.orders.selectors import (
    count_orders_by_state,
    customs_lines,
    due_within,
    export_rows,
    get_order_for,
    orders_bought_by,
    orders_sold_by,
    with_lines,
)
from marketplace.orders.states import RELEASABLE, TRANSITIONS, UNSENT, OrderAction
from marketplace.sellers.selectors import find_seller
from marketplace.stock.selectors import SentFrom, sent_from
from payments import facade as payments
from payments.contracts import EscrowView

PAGE_SIZE = 20
TONES = {
    OrderState.AWAITING_PAYMENT: "neutral", OrderState.PAID: "held", OrderState.PARTLY_SHIPPED: "moving",
    OrderState.SHIPPED: "moving",
    OrderState.DELIVERED: "held", OrderState.DISPUTED: "owed", OrderState.COMPLETED: "available",
    OrderState.CANCELLED: "neutral", OrderState.REFUNDED: "neutral",
}  # fmt: skip


@remembered
def state_label(state: str) -> str:
    """An order's state in plain words."""
    return {
        "AWAITING_PAYMENT": _("Waiting for payment"), "PAID": _("Paid, to be shipped"), "PARTLY_SHIPPED": _("Partly on its way"),
        "SHIPPED": _("On its way"),
        "DELIVERED": _("Delivered"), "DISPUTED": _("In dispute"), "COMPLETED": _("Completed"),
        "CANCELLED": _("Cancelled"), "REFUNDED": _("Refunded"),
    }.get(state, state)  # fmt: skip


def decorated(order: Order) -> dict[str, Any]:
    """What a list row shows."""
    return {"order": order, "label": state_label(order.state), "tone": TONES[OrderState(order.state)]}


def _states() -> list[tuple[str, str]]:
    return [(state.value, state_label(state.value)) for state in OrderState]


@member_required
@require_GET
def orders(request: HttpRequest) -> HttpResponse:
    """What this organisation bought."""
    actor = actor_of(request)
    assert actor.organisation_id is not None
    state, query = request.GET.get("state", ""), request.GET.get("q", "")[:100]
    found = orders_bought_by(actor.organisation_id, state=state, query=query)
    page = Paginator(found.values_list("id", flat=True), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "rows": [decorated(order) for order in with_lines(list(page))],
        "state": state,
        "query": query,
        "states": _states(),
    }
    return render(request, "marketplace/orders.html", context)


@member_required
@require_GET
def sales(request: HttpRequest) -> HttpResponse:
    """What this organisation sold, with what to ship first."""
    seller = find_seller(actor_of(request).organisation_id)
    if seller is None:
        return redirect("sell")
    state, query = request.GET.get("state", ""), request.GET.get("q", "")[:100]
    due, now = request.GET.get("due", ""), utc_now()
    found = due_within(orders_sold_by(seller.pk, state=state, query=query), due, end_of_day=_end_of_day(now), now=now)
    page = Paginator(found.values_list("id", flat=True), PAGE_SIZE).get_page(request.GET.get("page"))
    sold = with_lines(list(page))
    shipments = logistics.list_shipments_for_orders(order.id for order in sold)
    places = sent_from(order.id for order in sold if order.state in UNSENT)
    counts = count_orders_by_state(seller.pk)
    tabs = [(value, label, counts.get(value, 0)) for value, label in _states() if value != OrderState.AWAITING_PAYMENT]
    context = {
        "page_obj": page, "state": state, "query": query, "tabs": tabs, "now": now, "due": due, "dues": _dues(),
        "rows": [
            decorated(o) | {
                "shipment": shipments.get(o.id), "unsent": o.state in UNSENT,
                "cut_off": cut_off(o.ship_by, now) if o.state in UNSENT else "",
                "places": place_words(o, places.get(o.id, [])),
            }
            for o in sold
        ],
    }  # fmt: skip
    return render(request, "marketplace/sales.html", context)


def place_words(order: Order, places: Sequence[SentFrom]) -> list[str]:
    """What to send from where, a line for each place and goods; empty when all of it lies at the shop's address."""
    titles = {line.listing_id: line.title for line in order.lines.all()}
    return [f"{one.label or _('Shop address')}: {one.quantity} × {titles[one.listing_id]}" for one in places]


def _dues() -> list[tuple[str, str]]:
    return [("", _("Any deadline")), ("overdue", _("Overdue")), ("today", _("Due today")), ("later", _("Due later"))]


def _end_of_day(now: datetime) -> datetime:
    return localtime(now).replace(hour=23, minute=59, second=59, microsecond=999_999)


def cut_off(ship_by: datetime, now: datetime) -> str:
    """Until when a parcel must be with the carrier, as one says it."""
    due, today = localtime(ship_by), localtime(now).date()
    words = {"time": date_format(due, "H:i"), "day": date_format(due, "D j M")}
    if ship_by < now:
        return _("Overdue since %(day)s, %(time)s") % words
    if due.date() == today:
        return _("Ship by %(time)s today") % words
    if due.date() == today + timedelta(days=1):
        return _("Ship by %(time)s tomorrow") % words
    return _("Ship by %(day)s, %(time)s") % words


@member_required
@require_GET
def sales_export(request: HttpRequest) -> HttpResponse:
    """The seller's orders as CSV, as they are filtered on the page."""
    seller = find_seller(actor_of(request).organisation_id)
    if seller is None:
        return redirect("sell")
    state, query = request.GET.get("state", ""), request.GET.get("q", "")[:100]
    return _csv(export_rows(orders_sold_by(seller.pk, state=state, query=query), other="buyer"))


@member_required
@require_GET
def orders_export(request: HttpRequest) -> HttpResponse:
    """What this organisation bought as CSV, as it is filtered on the page."""
    organisation_id = actor_of(request).organisation_id
    assert organisation_id is not None
    state, query = request.GET.get("state", ""), request.GET.get("q", "")[:100]
    return _csv(export_rows(orders_bought_by(organisation_id, state=state, query=query), other="seller"))


def _csv(rows: Iterator[Sequence[object]]) -> HttpResponse:
    response = StreamingHttpResponse(csv_lines(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="orders.csv"'
    return response  # type: ignore[return-value]


@member_required
@require_POST
def again(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The goods of an order into the cart; what is no longer there is said."""
    for one in buy_again(order_id=order_id, actor=actor_of(request), now=utc_now()):
        if one.reason:
            words = {"title": one.title, "why": _(one.reason), "added": one.added, "wanted": one.wanted}
            messages.warning(request, _("%(title)s: %(added)s of %(wanted)s. %(why)s") % words)
    return redirect("cart")


@member_required
@require_GET
def order(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """One order: where the money is, where the parcel is, what can be done now."""
    actor = actor_of(request)
    found = get_order_for(order_id=order_id, actor=actor)
    escrow = payments.list_escrows([found.id]).get(found.id)
    shipment = logistics.find_shipment_for_order(found.id)
    is_buyer, is_seller = actor.acts_for(found.buyer_id), actor.acts_for(found.seller_id)
    state = OrderState(found.state)
    parts, parcels = money_parts(found, escrow), parcel_rows(found)
    context = {
        **decorated(found), "lines": list(found.lines.all()), "escrow": escrow, "shipment": shipment, "parts": parts,
        "refunds": payments.list_refunds([found.id]) if found.paid_at else (),
        "can_release_lines": is_buyer and state in RELEASABLE and any(part["free"] for part in parts),
        "can_return": is_buyer and state in {OrderState.DELIVERED, OrderState.COMPLETED},
        "is_buyer": is_buyer, "is_seller": is_seller, "places": _places_to_send(found) if is_seller else [],
        "steps": money_steps(found, escrow),
        "timeline": logistics.timeline(shipment.shipment_id) if shipment else (),
        "can_cancel": (state, OrderAction.CANCEL) in TRANSITIONS, "can_ship": state is OrderState.PAID and not parcels,
        "can_confirm": (state, OrderAction.COMPLETE) in TRANSITIONS,
        "can_dispute": (state, OrderAction.DISPUTE) in TRANSITIONS,
        "can_review": state in {OrderState.DELIVERED, OrderState.COMPLETED},
        "parcels": parcels, "left": left_lines(found),
        "can_withdraw": is_buyer and may_withdraw(state=state, received_at=found.received_at, now=utc_now()),
        "address": found.purchase.address if (is_buyer or is_seller) else None,
    }  # fmt: skip
    return render(request, "marketplace/order.html", context)


def _places_to_send(found: Order) -> list[str]:
    """From where an order that waits is sent."""
    return place_words(found, sent_from([found.id]).get(found.id, [])) if found.state in UNSENT else []


def money_parts(found: Order, escrow: EscrowView | None) -> list[dict[str, Any]]:
    """Where the money of each line is, once an order with several is on its way; empty otherwise."""
    if escrow is None or not (escrow.released or escrow.refunded or escrow.held) or found.paid_at is None:
        return []
    lines = payments.list_escrow_lines(found.id)
    touched = escrow.frozen or any(line.released or line.refunded for line in lines)
    if len(lines) < 2 or not (found.state in RELEASABLE or (touched and escrow.held)):
        return []
    labels = {str(line.id): f"{line.quantity} × {line.title}" for line in found.lines.all()}
    labels["shipping"] = _("Delivery")
    return [
        {"line": line, "label": labels.get(line.ref, line.ref), "free": line.held - line.frozen} for line in lines
    ]  # fmt: skip


def money_steps(found: Order, escrow: EscrowView | None) -> list[dict[str, Any]]:
    """The escrow stepper of an order: paid, held, shipped, delivered, released."""

    def day(moment: Any) -> str:
        return date_format(localtime(moment), "j M, H:i") if moment else ""

    state = OrderState(found.state)
    if state in {OrderState.CANCELLED, OrderState.REFUNDED}:
        ended = _("Refunded") if found.paid_at else _("Cancelled")
        return [
            {"label": _("Paid"), "note": day(found.paid_at), "state": "done" if found.paid_at else "todo"},
            {"label": ended, "note": day(found.closed_at), "state": "now"},
        ]
    last_note = _("when you confirm, or by itself")
    if escrow is not None and escrow.release_at is not None:
        last_note = _("by itself on %(day)s") % {"day": date_format(localtime(escrow.release_at), "j M")}
    if state is OrderState.DISPUTED:
        last_note = _("frozen until the dispute is settled")
    moments = [
        (_("Paid"), found.paid_at, ""), (_("Held by Lonja"), found.paid_at, ""),
        (_("Shipped"), found.shipped_at, ""), (_("Delivered"), found.delivered_at, ""),
        (_("Released"), found.completed_at, last_note),
    ]  # fmt: skip
    done = [moment is not None for _label, moment, _note in moments]
    current = next((i for i, is_done in enumerate(done) if not is_done), len(done) - 1)
    return [
        {
            "label": label, "note": day(moment) or note,
            "state": "done" if done[i] else "now" if i == current else "todo",
        }
        for i, (label, moment, note) in enumerate(moments)
    ]  # fmt: skip


@member_required
@require_POST
def receipt(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The buyer has the goods and is content."""
    actor = actor_of(request)
    attempt(request, lambda: services.confirm_receipt(order_id=order_id, actor=actor, now=utc_now()),
            done=_("Thank you. The seller is paid."))  # fmt: skip
    return redirect("order", order_id)


@member_required
@require_POST
def inspection_extension(request: HttpRequest, order_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    attempt(request, lambda: services.extend_inspection(order_id=order_id, actor=actor, now=utc_now()),
            done=_("You have five more days to look at it."))  # fmt: skip
    return redirect("order", order_id)


@member_required
@require_POST
def release(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The buyer is content with some lines."""
    actor, lines = actor_of(request), request.POST.getlist("lines")[:200]
    attempt(request, lambda: services.release_lines(order_id=order_id, lines=lines, actor=actor, now=utc_now()),
            done=_("Thank you. The seller is paid for these lines."))  # fmt: skip
    return redirect("order", order_id)


@member_required
@require_POST
def cancellation(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Cancel before shipping."""
    actor, reason = actor_of(request), request.POST.get("reason", "")[:500]
    attempt(request, lambda: services.cancel_order(order_id=order_id, reason=reason, actor=actor, now=utc_now()),
            done=_("Cancelled. What was paid goes back to the buyer."))  # fmt: skip
    return redirect("order", order_id)


@member_required
@require_POST
def shipment(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The seller wants the label."""
    actor = actor_of(request)
    attempt(request, lambda: services.book_shipment(order_id=order_id, actor=actor, now=utc_now()),
            done=_("The label is ready to print."))  # fmt: skip
    return redirect("order", order_id)


@member_required
@require_POST
def hand_over(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The seller gave the parcel to the carrier."""
    actor = actor_of(request)
    attempt(request, lambda: services.hand_over(order_id=order_id, actor=actor, now=utc_now()),
            done=_("Noted. The carrier's first scan follows."))  # fmt: skip
    return redirect("order", order_id)


@member_required
@require_GET
def customs_papers(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """CN 23 and commercial invoice of an order that goes out whole over a customs border (the seller)."""
    actor = actor_of(request)
    found = get_order_for(order_id=order_id, actor=actor)
    shipment = logistics.find_shipment_for_order(found.id)
    if not actor.acts_for(found.seller_id) or shipment is None:
        raise OrderNotFound()
    content = logistics.customs_papers(shipment_id=shipment.shipment_id, lines=customs_lines(found))
    return HttpResponse(content, content_type="application/pdf", headers={"Cache-Control": "private, no-store"})


@member_required
@require_GET
def packing_slip(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """What goes into the box, for printing (the seller)."""
    actor = actor_of(request)
    found = get_order_for(order_id=order_id, actor=actor)
    if not actor.acts_for(found.seller_id):
        raise OrderNotFound()
    context = {"order": found, "address": found.purchase.address, "places": _places_to_send(found)}
    return render(request, "marketplace/packing_slip.html", context)
