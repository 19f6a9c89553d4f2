"""The sandbox's hosted pages: card data is typed here, never in our checkout."""

from __future__ import annotations

from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from core.clock import utc_now
from core.errors import NotFound
from core.web.requests import View
from payments.providers import network
from payments.providers.cards import CARDS
from payments.providers.forms import CardForm
from payments.providers.models import SandboxIntent


def sandbox_page(view: View) -> View:
    """Exists only where the sandbox does; knowing the intent's id is the permission, as on a real hosted page."""

    @wraps(view)
    def wrapped(request: HttpRequest, intent_id: UUID, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.LONJA["SANDBOX"]:
            raise Http404
        try:
            return view(request, network.get_intent(intent_id), *args, **kwargs)
        except NotFound as error:
            raise Http404 from error

    return wrapped


@require_http_methods(["GET", "POST"])
@sandbox_page
def pay(request: HttpRequest, intent: SandboxIntent) -> HttpResponse:
    """Amount, card form and the list of test cards."""
    form = CardForm(request.POST or None)
    if intent.status == network.OPEN and request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        intent = network.pay(intent_id=intent.id, card=typed["number"], keep=typed["keep"], now=utc_now())
    if intent.status != network.OPEN:
        return _onward(intent)
    return render(request, "payments/sandbox_pay.html", {"intent": intent, "form": form, "cards": CARDS})


@require_http_methods(["GET", "POST"])
@sandbox_page
def challenge(request: HttpRequest, intent: SandboxIntent) -> HttpResponse:
    """The bank asks whether it was you."""
    if intent.status == network.CHALLENGE and request.method == "POST":
        approved = request.POST.get("answer") == "approve"
        intent = network.answer_challenge(intent_id=intent.id, approved=approved, now=utc_now())
    if intent.status != network.CHALLENGE:
        return _onward(intent)
    return render(request, "payments/sandbox_challenge.html", {"intent": intent})


def _onward(intent: SandboxIntent) -> HttpResponse:
    if intent.status == network.CHALLENGE:
        return redirect("sandbox_challenge", intent.id)
    return HttpResponseRedirect(intent.return_url or "/")
