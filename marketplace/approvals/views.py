"""Pages of approvals: what waits, and deciding."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.clock import utc_now
from core.web.actions import attempt
from core.web.requests import actor_of, member_required
from marketplace.approvals import services
from marketplace.approvals.models import PurchaseApproval
from marketplace.approvals.selectors import approvals_of, find_approval
from marketplace.approvals.states import ApprovalState
from marketplace.buyers.selectors import may_buy_alone
from marketplace.orders.selectors import get_purchase_for, orders_of_purchase

PAGE_SIZE = 20
TONES = {
    ApprovalState.WAITING: "held", ApprovalState.APPROVED: "available", ApprovalState.REFUSED: "owed",
    ApprovalState.EXPIRED: "neutral",
}  # fmt: skip


def decorated(found: PurchaseApproval) -> dict[str, Any]:
    state = ApprovalState(found.state)
    label = {
        ApprovalState.WAITING: _("Waits for a colleague"), ApprovalState.APPROVED: _("Approved"),
        ApprovalState.REFUSED: _("Refused"), ApprovalState.EXPIRED: _("Nobody decided"),
    }[state]  # fmt: skip
    return {"approval": found, "label": label, "tone": TONES[state]}


@member_required
@require_safe
def approvals(request: HttpRequest) -> HttpResponse:
    """The organisation's purchases above a limit."""
    found = approvals_of(actor_of(request).organisation_id)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "marketplace/approvals.html", {"page_obj": page, "rows": [decorated(one) for one in page]})


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def purchase_approval(request: HttpRequest, purchase_id: UUID) -> HttpResponse:
    """What somebody wants to buy, and the decision (POST)."""
    actor = actor_of(request)
    purchase = get_purchase_for(purchase_id=purchase_id, actor=actor)
    found = find_approval(purchase.id)
    if found is None:
        raise Http404
    if request.method == "POST":
        _decide(request, purchase.id)
        return redirect("purchase_approval", purchase.id)
    found.purchase = purchase
    may_decide = actor.user_id != found.asked_by and may_buy_alone(actor=actor, total=purchase.total)
    context = {
        **decorated(found), "purchase": purchase, "orders": orders_of_purchase(purchase.id),
        "may_decide": may_decide and found.state == ApprovalState.WAITING and purchase.closed_at is None,
        "can_pay": found.state == ApprovalState.APPROVED and purchase.paid_at is None and purchase.closed_at is None,
    }  # fmt: skip
    return render(request, "marketplace/purchase_approval.html", context)


def _decide(request: HttpRequest, purchase_id: UUID) -> None:
    actor, now, reason = actor_of(request), utc_now(), request.POST.get("reason", "")
    if "approve" in request.POST:
        attempt(
            request, lambda: services.approve_purchase(purchase_id=purchase_id, actor=actor, now=now),
            done=_("Approved. It can be paid within a day."),
        )  # fmt: skip
    else:
        attempt(
            request, lambda: services.refuse_purchase(purchase_id=purchase_id, reason=reason, actor=actor, now=now),
            done=_("Refused. The goods are on sale again."),
        )  # fmt: skip
