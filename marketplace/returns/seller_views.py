"""The seller's work list of returns, why goods come back, and what the shop grants."""

from __future__ import annotations

from datetime import timedelta

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.clock import utc_now
from core.errors import DomainError
from core.web.actions import add_error, attempt
from core.web.requests import actor_of, member_required
from marketplace.catalog.selectors import list_categories
from marketplace.returns import selectors, services
from marketplace.returns.forms import PolicyForm
from marketplace.returns.rules import FinalSale, ReturnReason
from marketplace.returns.states import ReturnState
from marketplace.returns.views import PAGE_SIZE, decorated
from marketplace.returns.words import REASONS, STATES
from marketplace.sellers.selectors import find_seller

REASONS_DAYS = 90


@member_required
@require_safe
def seller_returns(request: HttpRequest) -> HttpResponse:
    """What comes back to this shop, those with a clock first."""
    seller = find_seller(actor_of(request).organisation_id)
    if seller is None:
        return redirect("sell")
    state = request.GET.get("state", "")
    state = state if state in ReturnState.__members__ else ""
    page = Paginator(selectors.returns_to_seller(seller.pk, state=state), PAGE_SIZE).get_page(request.GET.get("page"))
    counts = selectors.count_by_state(seller.pk)
    tabs = [(s.value, label, counts[s.value]) for s, label in STATES.items() if counts.get(s.value)]
    reasons = [
        (title, REASONS[ReturnReason(reason)], pieces)
        for title, reason, pieces in selectors.reasons_by_listing(
            seller.pk, since=utc_now() - timedelta(days=REASONS_DAYS)
        )
    ]
    context = {
        "page_obj": page, "rows": [decorated(row) for row in page], "state": state, "tabs": tabs, "reasons": reasons,
    }  # fmt: skip
    return render(request, "marketplace/seller_returns.html", context)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def return_policies(request: HttpRequest) -> HttpResponse:
    """What the shop grants when a buyer changes their mind."""
    seller = find_seller(actor_of(request).organisation_id)
    if seller is None:
        return redirect("sell")
    categories = {category.code: category.name for category in list_categories()}
    form = PolicyForm(request.POST or None, categories=list(categories.items()))
    if request.method == "POST" and form.is_valid() and _save(request, form):
        return redirect("return_policies")
    page = Paginator(selectors.policies_of(seller.pk), PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [
        {"policy": policy, "category": categories.get(policy.category_code) or _("All goods")} for policy in page
    ]  # fmt: skip
    return render(request, "marketplace/return_policies.html", {"form": form, "page_obj": page, "rows": rows})


def _save(request: HttpRequest, form: PolicyForm) -> bool:
    data = form.cleaned_data
    try:
        services.set_policy(
            category_code=data["category_code"], window_days=data["window_days"], buyer_pays=data["buyer_pays"],
            final_sale=FinalSale(data["final_sale"]), actor=actor_of(request), now=utc_now(),
        )  # fmt: skip
    except DomainError as error:
        add_error(form, error)
        return False
    return True


@member_required
@require_POST
def return_policy_removal(request: HttpRequest, policy_id: int) -> HttpResponse:
    actor = actor_of(request)
    attempt(request, lambda: services.remove_policy(policy_id=policy_id, actor=actor, now=utc_now()),
            done=_("Removed."))  # fmt: skip
    return redirect("return_policies")
