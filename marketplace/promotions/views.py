"""The seller's codes."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.clock import utc_now
from core.errors import DomainError, NotFound
from core.web.actions import add_error, attempt
from core.web.requests import actor_of, member_required
from marketplace.promotions import services
from marketplace.promotions.forms import PromotionForm
from marketplace.promotions.selectors import promotions_of
from marketplace.sellers.selectors import find_seller

PAGE_SIZE = 25


@member_required
@require_http_methods(["GET", "POST"])
def promotions(request: HttpRequest) -> HttpResponse:
    """All codes with their use, and a new one."""
    seller = find_seller(actor_of(request).organisation_id)
    if seller is None:
        return redirect("sell")
    form = PromotionForm(request.POST or None, currency=seller.currency)
    if request.method == "POST" and form.is_valid():
        try:
            services.create_promotion(promotion=form.promotion(), actor=actor_of(request), now=utc_now())
        except NotFound:
            raise
        except DomainError as error:
            add_error(form, error, {"ends_at": "last_day"})
        else:
            messages.success(request, _("The code can be used now."))
            return redirect("promotions")
    page = Paginator(promotions_of(seller.pk), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "form": form, "seller": seller, "now": utc_now()}
    return render(request, "marketplace/promotions.html", context)


@member_required
@require_POST
def promotion_stop(request: HttpRequest, promotion_id: UUID) -> HttpResponse:
    """Nobody can use it any more."""
    actor = actor_of(request)
    attempt(request, lambda: services.stop_promotion(promotion_id=promotion_id, actor=actor, now=utc_now()),
            done=_("Stopped."))  # fmt: skip
    return redirect("promotions")
