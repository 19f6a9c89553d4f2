"""Pages of returns: the buyer asks, the seller answers and looks, both see what happens next."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.clock import utc_now
from core.errors import DomainError, NotFound
from core.web.actions import add_error, attempt, form_problems
from core.web.requests import actor_of, member_required
from logistics import facade as logistics
from marketplace.orders.models import Order
from marketplace.orders.selectors import get_order_for
from marketplace.returns import photos, selectors, services, settlement
from marketplace.returns.forms import InspectionForm, PhotoForm, ReturnForm
from marketplace.returns.models import Return
from marketplace.returns.rules import MAX_PHOTOS, ReturnReason, ReturnWish
from marketplace.returns.states import OPEN, TRANSITIONS, ReturnAction, ReturnState
from marketplace.returns.words import NEXT_FOR_BUYER, NEXT_FOR_SELLER, REASONS, STATES, TONES

PAGE_SIZE = 20


def decorated(found: Return) -> dict[str, Any]:
    """What a list row shows."""
    state = ReturnState(found.state)
    lines = [{"part": line, "reason": REASONS[ReturnReason(line.reason)]} for line in found.lines.all()]
    return {"found": found, "label": STATES[state], "tone": TONES[state], "lines": lines}


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def order_returns(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The returns of an order, and for its buyer the form to ask for one."""
    actor = actor_of(request)
    order = get_order_for(order_id=order_id, actor=actor)
    is_buyer, form = actor.acts_for(order.buyer_id), None
    past = selectors.returns_of_order(order.id)
    left = _left(order)
    if is_buyer and left and order.state in services.RETURNABLE and not any(row.state in OPEN for row in past):
        form = ReturnForm(request.POST or None, lines=left)
    if request.method == "POST":
        if form is None:
            raise Http404
        made = _ask(request, order, form)
        if made is not None:
            return redirect("return", made.id)
    context = {"order": order, "rows": [decorated(row) for row in past], "form": form, "is_buyer": is_buyer}
    return render(request, "marketplace/order_returns.html", context)


def _left(order: Order) -> list[tuple[Any, int]]:
    """Lines with the pieces that may still go back."""
    lines = list(order.lines.all())
    gone = selectors.returned_pieces(line.id for line in lines)
    return [(line, left) for line in lines if (left := line.kept - gone.get(line.id, 0)) > 0]


def _ask(request: HttpRequest, order: Order, form: ReturnForm) -> Return | None:
    if not form.is_valid():
        return None
    data = form.cleaned_data
    try:
        return services.request_return(
            order_id=order.id, asks=form.asks, wish=ReturnWish(data["wish"]), note=data["note"],
            actor=actor_of(request), now=utc_now(),
        )  # fmt: skip
    except NotFound:
        raise
    except DomainError as error:
        add_error(form, error)
        return None


@member_required
@require_safe
def returns(request: HttpRequest) -> HttpResponse:
    """What this organisation sends back."""
    actor = actor_of(request)
    assert actor.organisation_id is not None, "members act for an organisation"
    page = Paginator(selectors.returns_of_buyer(actor.organisation_id), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "marketplace/returns.html", {"page_obj": page, "rows": [decorated(row) for row in page]})


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def return_(request: HttpRequest, return_id: UUID) -> HttpResponse:
    """One return: what happens next, and what each side can do now. POST: the seller's inspection."""
    actor = actor_of(request)
    found = selectors.get_return_for(return_id=return_id, actor=actor)
    is_seller = actor.acts_for(found.order.seller_id)
    form = None
    if is_seller and (ReturnState(found.state), ReturnAction.REJECT) in TRANSITIONS:
        form = InspectionForm(request.POST or None, lines=list(found.lines.all()), currency=found.currency)
    if request.method == "POST":
        if form is None:
            raise Http404
        if _inspect(request, found, form):
            return redirect("return", found.id)
    return render(request, "marketplace/return.html", _context(found, is_seller=is_seller, form=form))


def _inspect(request: HttpRequest, found: Return, form: InspectionForm) -> bool:
    if not form.is_valid():
        return False
    try:
        settlement.inspect_return(
            return_id=found.id, findings=form.findings, reason=form.cleaned_data["reason"], actor=actor_of(request),
            now=utc_now(),
        )  # fmt: skip
    except NotFound:
        raise
    except DomainError as error:
        add_error(form, error)
        return False
    messages.success(request, _("Done. The buyer is told."))
    return True


def _context(found: Return, *, is_seller: bool, form: InspectionForm | None) -> dict[str, Any]:
    state = ReturnState(found.state)
    shipment = logistics.find_shipment_for_order(found.id) if found.shipment_id else None
    new_goods = logistics.find_shipment_for_order(found.replacement_id) if found.replacement_id else None
    carried = new_goods or shipment
    pictures = list(found.photos.all())
    return {
        **decorated(found), "is_seller": is_seller, "is_buyer": not is_seller, "form": form, "shipment": shipment,
        "new_goods": new_goods, "next": (NEXT_FOR_SELLER if is_seller else NEXT_FOR_BUYER)[state],
        "parcel": logistics.timeline(carried.shipment_id) if carried else (),
        "carried": carried, "photos": pictures,
        "photo_form": PhotoForm() if not is_seller and state in OPEN and len(pictures) < MAX_PHOTOS else None,
        "can_answer": is_seller and state is ReturnState.REQUESTED,
        "can_receive": is_seller and (state, ReturnAction.RECEIVE) in TRANSITIONS,
        "can_replace": is_seller and (state, ReturnAction.REPLACE) in TRANSITIONS,
        "can_cancel": not is_seller and (state, ReturnAction.CANCEL) in TRANSITIONS,
        "can_send": not is_seller and (state, ReturnAction.SEND) in TRANSITIONS,
        "can_send_new": is_seller and state is ReturnState.REPLACING,
    }  # fmt: skip


def _act(request: HttpRequest, return_id: UUID, act: Any, done: str) -> HttpResponse:
    """One step by a party; strangers get the 404 of the service."""
    selectors.get_return_for(return_id=return_id, actor=actor_of(request))
    attempt(request, lambda: act(return_id=return_id, actor=actor_of(request), now=utc_now()), done=done)
    return redirect("return", return_id)


@member_required
@require_POST
def approval(request: HttpRequest, return_id: UUID) -> HttpResponse:
    return _act(request, return_id, services.approve_return, _("Approved. The buyer is told to send it."))


@member_required
@require_POST
def refusal(request: HttpRequest, return_id: UUID) -> HttpResponse:
    reason = request.POST.get("reason", "")

    def refuse(**who: Any) -> None:
        services.refuse_return(reason=reason, **who)

    return _act(request, return_id, refuse, _("Refused. The buyer is told why."))


@member_required
@require_POST
def cancellation(request: HttpRequest, return_id: UUID) -> HttpResponse:
    return _act(request, return_id, services.cancel_return, _("Called off. The order goes on as before."))


@member_required
@require_POST
def label(request: HttpRequest, return_id: UUID) -> HttpResponse:
    """The label of the way back."""
    return _act(request, return_id, services.book_label, "")


@member_required
@require_POST
def hand_over(request: HttpRequest, return_id: UUID) -> HttpResponse:
    """The parcel was dropped off: the buyer's with what goes back, the seller's with the new goods."""
    found = selectors.get_return_for(return_id=return_id, actor=actor_of(request))
    is_buyer = actor_of(request).acts_for(found.order.buyer_id)
    act = services.hand_over_return if is_buyer else settlement.hand_over_replacement
    return _act(request, return_id, act, _("Thank you. The carrier's scan follows."))


@member_required
@require_POST
def receipt(request: HttpRequest, return_id: UUID) -> HttpResponse:
    """The seller has the goods."""

    def receive(*, now: Any, **who: Any) -> None:
        services.mark_received(received_at=now, now=now, **who)

    return _act(request, return_id, receive, _("Received. Look at it within seven days."))


@member_required
@require_POST
def replacement(request: HttpRequest, return_id: UUID) -> HttpResponse:
    return _act(request, return_id, settlement.replace_return, _("The new goods are set aside. Print the label."))


@member_required
@require_POST
def return_photos(request: HttpRequest, return_id: UUID) -> HttpResponse:
    """The buyer adds a picture."""
    selectors.get_return_for(return_id=return_id, actor=actor_of(request))
    form = PhotoForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, form_problems(form))
        return redirect("return", return_id)

    def add(**who: Any) -> None:
        photos.add_photo(upload=form.cleaned_data["photo"], **who)

    return _act(request, return_id, add, _("Added."))


@member_required
@require_safe
def return_photo(request: HttpRequest, return_id: UUID, photo_id: UUID) -> HttpResponse:
    """A picture, for both parties."""
    found = selectors.get_return_for(return_id=return_id, actor=actor_of(request))
    return photos.picture_of(return_id=found.id, photo_id=photo_id)
