"""The way to a shop: profile, verification, opening; and the public shop page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.clock import utc_now
from core.errors import DomainError
from core.models import Organisation
from core.web.actions import add_error, attempt
from core.web.requests import actor_of, member_required
from marketplace.contracts import SellerState
from marketplace.sellers import services
from marketplace.sellers.forms import ProfileForm
from marketplace.sellers.rules import slug_of
from marketplace.sellers.selectors import find_seller


@member_required
@require_http_methods(["GET", "POST"])
def sell(request: HttpRequest) -> HttpResponse:
    """One page from "I want to sell" to an open shop: it shows the next step."""
    actor = actor_of(request)
    assert actor.organisation_id is not None
    seller = find_seller(actor.organisation_id)
    organisation = Organisation.objects.get(id=actor.organisation_id)
    initial = {"name": organisation.name, "slug": slug_of(organisation.name), "country": organisation.country}
    form = ProfileForm(request.POST or None, instance=seller, initial=None if seller else initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.save_profile(profile=form.profile(), actor=actor, now=utc_now())
            if request.POST.get("then") == "submit":
                services.submit_profile(actor=actor, now=utc_now())
                messages.success(request, _("Sent. The operator looks at it, usually within a working day."))
            else:
                messages.success(request, _("Saved."))
            return redirect("sell")
        except DomainError as error:
            add_error(form, error)
    return render(request, "marketplace/sell.html", {"form": form, "seller": seller, "steps": _steps(seller)})


def _steps(seller: object) -> list[dict[str, str]]:
    state = getattr(seller, "state", "")
    opened = getattr(seller, "opened_at", None) is not None
    order = {"": 0, SellerState.DRAFT: 0, SellerState.REJECTED: 0, SellerState.SUBMITTED: 1, SellerState.VERIFIED: 2}
    at = 3 if opened else order.get(state, 0)
    labels = [_("Profile"), _("Verification"), _("Open the shop"), _("Sell")]
    return [
        {"label": label, "note": "", "state": "done" if i < at else "now" if i == at else "todo"}
        for i, label in enumerate(labels)
    ]


@member_required
@require_POST
def shop_opening(request: HttpRequest) -> HttpResponse:
    attempt(request, lambda: services.open_shop(actor=actor_of(request), now=utc_now()), done=_("Your shop is open."))
    return redirect("sell")
