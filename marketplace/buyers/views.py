"""The page on which owners say how their organisation buys."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.actor import Role
from core.clock import utc_now
from core.errors import DomainError, NotFound
from core.identity.selectors import get_organisation
from core.web.actions import add_error
from core.web.requests import actor_of, member_required
from marketplace.buyers import services
from marketplace.buyers.forms import BuyerProfileForm
from marketplace.buyers.selectors import find_profile


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def buyer_profile(request: HttpRequest) -> HttpResponse:
    """VAT number and limits; for everybody to see, for owners to change."""
    actor = actor_of(request)
    assert actor.organisation_id is not None, "members act for an organisation"
    found = find_profile(actor.organisation_id)
    names = ("vat_number", "staff_limit", "manager_limit")
    initial = {name: getattr(found, name) for name in names} if found else {}
    currency = get_organisation(actor.organisation_id).currency
    form = BuyerProfileForm(request.POST or None, currency=currency, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.save_buyer_profile(**form.cleaned_data, actor=actor, now=utc_now())
        except NotFound:
            raise
        except DomainError as error:
            add_error(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("buyer_profile")
    context = {"form": form, "profile": found, "is_owner": actor.role is Role.OWNER}
    return render(request, "marketplace/buyer_profile.html", context, status=422 if form.errors else 200)
