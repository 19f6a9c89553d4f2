"""The seller's pages about chargebacks."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_safe

from core.clock import utc_now
from core.errors import DomainError
from core.web.actions import add_error
from core.web.requests import actor_of, member_required
from payments.chargebacks import selectors, services
from payments.chargebacks.forms import StatementForm
from payments.chargebacks.states import ANSWERABLE
from payments.contracts import ChargebackState as S

PAGE = 25
#: What the service may answer here, named so that the catalogue has it (contracts are plain Python).
REFUSALS = (gettext_noop("The bank no longer takes anything for this chargeback."),)


def state_words(state: str) -> tuple[str, str]:
    """(what people call it, tone)."""
    words = {
        S.WARNING_NEEDS_RESPONSE: (_("The bank asks"), "held"),
        S.WARNING_UNDER_REVIEW: (_("Answered"), "held"),
        S.WARNING_CLOSED: (_("Closed"), "neutral"),
        S.NEEDS_RESPONSE: (_("To be answered"), "owed"),
        S.UNDER_REVIEW: (_("The bank decides"), "held"),
        S.WON: (_("Won"), "available"),
        S.LOST: (_("Lost"), "owed"),
    }
    return words[S(state)]


def reason_words(reason: str) -> str:
    """Why the bank says it takes the money back: the card networks' reasons in plain words, its own text otherwise."""
    words = {
        "product_not_received": _("The goods did not arrive"), "product_unacceptable": _("The goods are not as described"),
        "fraudulent": _("The cardholder did not pay"), "fraud": _("The cardholder did not pay"),
        "duplicate": _("It was charged twice"), "credit_not_processed": _("A refund did not come"),
        "subscription_canceled": _("A subscription was ended"), "general": _("The bank gives no reason"),
        "": _("The bank gives no reason"),
    }  # fmt: skip
    return words.get(reason, reason)


@require_safe
@member_required
def seller_chargebacks(request: HttpRequest) -> HttpResponse:
    """Payments taken back by buyers' banks, newest first."""
    seller_id = actor_of(request).organisation_id
    assert seller_id is not None
    page = Paginator(selectors.chargebacks_of(seller_id), PAGE).get_page(request.GET.get("page"))
    rows = [(view, *state_words(view.state), reason_words(view.reason)) for view in map(selectors.view_of, page)]
    return render(request, "payments/seller_chargebacks.html", {"rows": rows, "page_obj": page})


@require_http_methods(["GET", "POST"])
@member_required
def seller_chargeback(request: HttpRequest, chargeback_id: UUID) -> HttpResponse:
    """One of them: what it means, until when the bank listens, what the seller has to say."""
    actor = actor_of(request)
    view = selectors.get_chargeback_view_for(chargeback_id, actor)
    form = StatementForm(request.POST or None, initial={"text": view.statement})
    if request.method == "POST" and form.is_valid():
        try:
            services.add_statement(
                chargeback_id=chargeback_id, text=form.cleaned_data["text"], actor=actor, now=utc_now()
            )
            messages.success(request, _("The bank will read it."))
            return redirect("seller_chargeback", chargeback_id)
        except DomainError as error:
            add_error(form, error)
    label, tone = state_words(view.state)
    context = {"view": view, "label": label, "tone": tone, "form": form, "open": view.state in ANSWERABLE,
               "reason": reason_words(view.reason)}  # fmt: skip
    return render(request, "payments/seller_chargeback.html", context, status=422 if form.errors else 200)
