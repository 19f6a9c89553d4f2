"""The page (and panel) of an order's promise."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.web.requests import actor_of, member_required
from marketplace.orders.selectors import get_order_for
from marketplace.remedies.selectors import find_remedy


@require_safe
@member_required
def order_promise(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """What was promised and when it came; for a broken promise, what goes back and who bears it."""
    actor = actor_of(request)
    order = get_order_for(order_id=order_id, actor=actor)
    is_panel = request.GET.get("panel") == "1" or request.headers.get("HX-Request") == "true"
    context = {
        "order": order, "remedy": find_remedy(order.id), "is_panel": is_panel,
        "is_seller": actor.acts_for(order.seller_id),
    }  # fmt: skip
    name = "marketplace/promise_panel.html" if is_panel else "marketplace/promise.html"
    return render(request, name, context)
