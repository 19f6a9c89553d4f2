"""The seller's page to give money of an order back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods

from core.clock import utc_now
from core.errors import DomainError
from core.ids import new_id
from core.money import Money
from core.web.requests import actor_of, member_required
from payments.contracts import EscrowLineView, EscrowNotFound
from payments.escrow.selectors import get_escrow_view, list_line_views
from payments.refunds import selectors, services
from payments.refunds.forms import RefundForm

#: What the service may answer here, named so that the catalogue has it (contracts are plain Python).
REFUSALS = (
    gettext_noop("That is more than can still be refunded."),
    gettext_noop("A dispute about this order is open. Its decision moves the money."),
    gettext_noop("There is nothing left to refund."),
    gettext_noop("Nothing was paid for this order."),
)


@require_http_methods(["GET", "POST"])
@member_required
def order_refund(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Lines with what is left of each; for the seller of the order alone."""
    actor = actor_of(request)
    escrow = get_escrow_view(order_id)
    if not actor.acts_for(escrow.seller_id):
        raise EscrowNotFound()
    lines = _lines_left(order_id)
    form = RefundForm(request.POST or None, lines=lines, key=str(new_id()))
    if request.method == "POST" and form.is_valid() and _give_back(request, order_id, form):
        messages.success(request, _("The money is on its way back to the buyer."))
        return redirect("order_money", order_id)
    context = {
        "escrow": escrow, "form": form, "lines": lines, "refunds": selectors.list_refunds([order_id]),
    }  # fmt: skip
    return render(request, "payments/order_refund.html", context, status=422 if form.errors else 200)


def _lines_left(order_id: UUID) -> dict[str, tuple[EscrowLineView, Money]]:
    left = selectors.list_refundable(order_id)
    return {line.ref: (line, left[line.ref]) for line in list_line_views(order_id) if left[line.ref]}


def _give_back(request: HttpRequest, order_id: UUID, form: RefundForm) -> bool:
    try:
        services.refund(
            order_id=order_id, lines=form.parts(form.cleaned_data), reason=form.cleaned_data["reason"],
            key=form.cleaned_data["key"], actor=actor_of(request), now=utc_now(),
        )  # fmt: skip
    except DomainError as error:
        form.add_error(None, _(error.message))
        return False
    return True
