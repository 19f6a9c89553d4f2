"""The seller's money page."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods

from core.clock import utc_now
from core.errors import DomainError
from core.web.requests import actor_of, member_required
from payments.chargebacks.selectors import list_chargebacks
from payments.escrow.selectors import list_open_escrows
from payments.payouts import selectors, services
from payments.payouts.forms import DestinationForm
from payments.reserves.selectors import list_open_holds

#: What the service may answer here, named so that the catalogue has it (contracts are plain Python).
REFUSALS = (
    gettext_noop("This is not a valid IBAN."),
    gettext_noop("Check the number on a bank statement; it starts with two letters and two digits."),
    gettext_noop("Name the holder of the account."),
    gettext_noop("At most 120 characters."),
)


@require_http_methods(["GET", "POST"])
@member_required
def seller_money(request: HttpRequest) -> HttpResponse:
    """Balances, what is released when, payouts, and the bank account."""
    seller_id = actor_of(request).organisation_id
    assert seller_id is not None
    form = DestinationForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _save_destination(request, seller_id, form):
        messages.success(request, _("Your bank account is saved."))
        return redirect("seller_money")
    destination = selectors.find_destination(seller_id)
    context = {
        "balances": selectors.list_seller_balances(seller_id),
        "escrows": list_open_escrows(seller_id),
        "payouts": selectors.list_payouts(seller_id),
        "reserves": list_open_holds(seller_id),
        "chargebacks": list_chargebacks(seller_id, limit=5),
        "destination": destination,
        "form": form,
    }
    return render(request, "payments/seller_money.html", context, status=422 if form.errors else 200)


def _save_destination(request: HttpRequest, seller_id: UUID, form: DestinationForm) -> bool:
    try:
        services.set_payout_destination(
            seller_id=seller_id, holder=form.cleaned_data["holder"], iban=form.cleaned_data["iban"],
            actor=actor_of(request), now=utc_now(),
        )  # fmt: skip
    except DomainError as error:
        field = error.field if error.field in form.fields else None
        form.add_error(field, f"{_(error.message)} {_(error.remedy) if error.remedy else ''}".strip())
        return False
    return True
