"""The buyer's wallet: kept cards, the default, and forgetting."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_GET, require_http_methods

from core.clock import utc_now
from core.web.requests import actor_of, member_required
from payments.wallet import selectors, services
from payments.wallet.forms import MethodForm

#: What the service may answer here, named so that the catalogue has it (contracts are plain Python).
REFUSALS = (gettext_noop("There is no such payment method."),)


@require_GET
@member_required
def wallet(request: HttpRequest) -> HttpResponse:
    """The cards of the organisation, the default first."""
    buyer_id = actor_of(request).organisation_id
    assert buyer_id is not None
    return render(request, "payments/wallet.html", {"methods": selectors.list_methods(buyer_id, now=utc_now())})


@require_http_methods(["GET", "POST"])
@member_required
def wallet_method(request: HttpRequest, method_id: UUID) -> HttpResponse:
    """Name a card; with `default` it is offered first."""
    actor, now = actor_of(request), utc_now()
    method = selectors.get_method_for(method_id, actor, now=now)
    if request.method == "POST" and "default" in request.POST:
        services.change_method(method_id=method_id, make_default=True, actor=actor, now=now)
        messages.success(request, _("This card is offered first from now on."))
        return redirect("wallet")
    form = MethodForm(request.POST or None, initial={"label": method.label})
    if request.method == "POST" and form.is_valid():
        services.change_method(method_id=method_id, label=form.cleaned_data["label"], actor=actor, now=now)
        messages.success(request, _("Saved."))
        return redirect("wallet")
    context = {"method": method, "form": form}
    return render(request, "payments/wallet_method.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@member_required
def wallet_forget(request: HttpRequest, method_id: UUID) -> HttpResponse:
    """Asks first; POST forgets."""
    actor, now = actor_of(request), utc_now()
    method = selectors.get_method_for(method_id, actor, now=now)
    if request.method == "POST":
        services.forget_method(method_id=method_id, actor=actor, now=now)
        messages.success(request, _("The card is forgotten."))
        return redirect("wallet")
    return render(request, "payments/wallet_forget.html", {"method": method})
