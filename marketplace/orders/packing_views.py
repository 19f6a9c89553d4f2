"""How an order is packed: what is proposed, and what the seller makes of it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.clock import utc_now
from core.errors import DomainError, NotFound
from core.web.actions import add_error
from core.web.requests import actor_of, member_required
from marketplace.orders import services
from marketplace.orders.forms import PackingForm
from marketplace.orders.packing import get_own_sale, proposal_of


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def order_packing(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The seller looks at the proposal, changes it, and gets the labels: one for each parcel."""
    actor = actor_of(request)
    order = get_own_sale(order_id, actor)
    proposal = proposal_of(order)
    typed = request.POST if request.method == "POST" else None
    form = PackingForm(typed, proposed=[parcel["spec"] for parcel in proposal])
    if request.method == "POST" and form.is_valid():
        try:
            services.book_shipment(order_id=order.id, parcels=form.parcels, actor=actor, now=utc_now())
        except NotFound:
            raise
        except DomainError as error:
            add_error(form, error)
        else:
            messages.success(request, _("The labels are ready to print."))
            return redirect("order", order.id)
    context = {"order": order, "proposal": proposal, "form": form}
    return render(request, "marketplace/order_packing.html", context, status=422 if form.errors else 200)
