"""The seller's money pages: balances, payouts, schedule, statements."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.clock import utc_now
from core.errors import DomainError
from core.money import CURRENCIES
from core.web.actions import add_error, attempt
from core.web.money_format import format_money
from core.web.requests import actor_of, member_required
from payments.chargebacks.selectors import list_chargebacks
from payments.contracts import ChargebackState, ChargebackView, HoldReason, HoldView, PayoutFrequency, PayoutState
from payments.escrow.selectors import list_open_escrows
from payments.payouts import onboarding, selectors, services, statements
from payments.payouts.forms import DestinationForm, ScheduleForm
from payments.payouts.models import Payout
from payments.payouts.rules import instant_fee
from payments.payouts.words import failure_words
from payments.providers.port import Recipient, RecipientState
from payments.providers.registry import default_provider
from payments.providers.stripe_proxy import STRIPE
from payments.reserves.selectors import list_open_holds

PAGE_SIZE = 25
LATEST = 5

#: What the service may answer here, named so that the catalogue has it (contracts are plain Python).
REFUSALS = (
    gettext_noop("This is not a valid IBAN."),
    gettext_noop("Check the number on a bank statement; it starts with two letters and two digits."),
    gettext_noop("Name the holder of the account."),
    gettext_noop("At most 120 characters."),
    gettext_noop("Payouts are on hold."),
    gettext_noop("There is no bank account yet."),
    gettext_noop("Add your bank account first."),
    gettext_noop("There is less available than the smallest payout."),
    gettext_noop("The fee would take all of it."),
    gettext_noop("Your bank account changed a short while ago."),
    gettext_noop("For your safety nothing is sent before a day passed."),
    gettext_noop("The bank sent money back from this account."),
    gettext_noop("Change your bank account."),
    gettext_noop("Only owners and managers change the bank account."),
    gettext_noop("There is no exchange rate for these currencies."),
    gettext_noop("This is too little to exchange."),
)


@require_http_methods(["GET", "POST"])
@member_required
def seller_money(request: HttpRequest) -> HttpResponse:
    """Balances, what is released when, the latest payouts, what holds them, and the bank account."""
    seller_id = _seller(request)
    form = DestinationForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _save_destination(request, seller_id, form):
        messages.success(request, _("Your bank account is saved."))
        return redirect("seller_money")
    now = utc_now()
    balances = selectors.list_seller_balances(seller_id)
    currency = balances[0].currency if balances else "EUR"
    payouts, chargebacks = list(selectors.payouts_of(seller_id)[:LATEST]), list_chargebacks(seller_id, limit=LATEST)
    asks_sellers = default_provider() == STRIPE
    context = {
        "balances": [(balance, _instant(balance)) for balance in balances],
        "escrows": list_open_escrows(seller_id),
        "payouts": [_row(payout) for payout in payouts],
        "alerts": _alerts(payouts[0] if payouts else None, chargebacks),
        "holds": [_hold_words(hold) for hold in selectors.list_holds(seller_id, currency, now)],
        "schedule": _schedule_words(selectors.get_schedule(seller_id, currency)),
        "destination": selectors.find_destination(seller_id),
        "recipient": onboarding.find_recipient(seller_id) if asks_sellers else None,
        "asks_sellers": asks_sellers,
        "reserves": list_open_holds(seller_id),
        "chargebacks": chargebacks,
        "form": form,
    }
    return render(request, "payments/seller_money.html", context, status=422 if form.errors else 200)


def _alerts(latest: Payout | None, chargebacks: list[ChargebackView]) -> list[dict[str, Any]]:
    """What needs the seller now, as their letters said: a payout that came back, a bank that waits for an answer."""
    alerts: list[dict[str, Any]] = []
    if latest is not None and latest.state in (PayoutState.FAILED, PayoutState.RETURNED):
        text = _("Your bank sent %(amount)s back") % {"amount": format_money(latest.amount)}
        alerts.append({"text": text, "why": failure_words(latest.failure_code), "url": "#bank-account"})
    for view in chargebacks:
        if view.state is ChargebackState.NEEDS_RESPONSE:
            text = _("A buyer's bank takes %(amount)s back") % {"amount": format_money(view.amount)}
            url = reverse("seller_chargeback", args=[view.chargeback_id])
            alerts.append({"text": text, "why": _("Add what only you know before it decides."), "url": url})
    return alerts


def _seller(request: HttpRequest) -> UUID:
    seller_id = actor_of(request).organisation_id
    if seller_id is None:
        raise Http404
    return seller_id


def _save_destination(request: HttpRequest, seller_id: UUID, form: DestinationForm) -> bool:
    try:
        services.set_payout_destination(
            seller_id=seller_id, holder=form.cleaned_data["holder"], iban=form.cleaned_data["iban"],
            actor=actor_of(request), now=utc_now(), address=form.address(),
        )  # fmt: skip
    except DomainError as error:
        add_error(form, error)
        return False
    return True


def _instant(balance: Any) -> Any:
    """What an instant payout of all that is available would cost; None when there is too little."""
    policy = selectors.get_policy(balance.currency)
    if balance.available.minor < max(policy.minimum_minor, 1):
        return None
    fee = instant_fee(
        balance.available, basis_points=policy.instant_basis_points, minimum_minor=policy.instant_minimum_minor
    )
    return fee if fee < balance.available else None


def _hold_words(hold: HoldView) -> dict[str, Any]:
    titles = {
        HoldReason.RISK: _("We are checking something first"),
        HoldReason.VERIFICATION: _("Your business must be verified first"),
        HoldReason.OPERATOR: _("Payouts are on hold"),
        None: _("Your bank account is new"),
    }
    return {"title": titles[hold.reason], "note": _(hold.note) if hold.note else "", "until": hold.until}


def _schedule_words(schedule: Any) -> str:
    words = {value: str(label) for value, label in ScheduleForm.FREQUENCIES}
    return words.get(schedule.frequency, str(schedule.frequency))


def _row(payout: Any) -> dict[str, Any]:
    """A payout with the words for its state and why it failed."""
    labels = {
        PayoutState.PAID: (_("Paid"), "available"),
        PayoutState.FAILED: (_("Refused by the bank"), "owed"),
        PayoutState.RETURNED: (_("Returned by the bank"), "owed"),
    }
    label, tone = labels.get(PayoutState(payout.state), (_("On its way"), "moving"))
    return {
        "payout": selectors.view_of(payout),
        "label": label,
        "tone": tone,
        "why": failure_words(payout.failure_code),
    }


@member_required
@require_GET
def seller_payouts(request: HttpRequest) -> HttpResponse:
    """Every payout with its state and, when it came back, why."""
    page = Paginator(selectors.payouts_of(_seller(request)), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "payments/seller_payouts.html", {"page_obj": page, "rows": [_row(p) for p in page]})


@member_required
@require_POST
def payout_request(request: HttpRequest) -> HttpResponse:
    """Pay me now: everything available in one currency; an instant one costs its fee."""
    currency = request.POST.get("currency", "")
    if currency not in CURRENCIES:
        raise Http404
    attempt(
        request,
        lambda: services.request_payout(
            seller_id=_seller(request), currency=currency, actor=actor_of(request), now=utc_now(),
            instant=request.POST.get("speed") == "instant",
        ),
        done=_("The money is on its way to your bank."),
    )  # fmt: skip
    return redirect("seller_money")


@member_required
@require_http_methods(["GET", "POST"])
def payout_schedule(request: HttpRequest) -> HttpResponse:
    """When, and in which currency, money is sent by itself."""
    seller_id = _seller(request)
    current = selectors.get_schedule(seller_id, "EUR")
    initial = {
        "frequency": current.frequency, "weekday": current.weekday, "month_day": current.month_day,
        "currency": current.currency,
    }  # fmt: skip
    form = ScheduleForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data | {"frequency": PayoutFrequency(form.cleaned_data["frequency"])}
        if attempt(
            request,
            lambda: services.set_payout_schedule(seller_id=seller_id, actor=actor_of(request), now=utc_now(), **values),
            done=_("Your schedule is saved."),
        ):
            return redirect("seller_money")
    return render(request, "payments/payout_schedule.html", {"form": form}, status=422 if form.errors else 200)


@member_required
@require_GET
def seller_statement(request: HttpRequest) -> HttpResponse:
    """The statement of the seller's account in one currency and month, on screen, as CSV or PDF."""
    seller_id, now = _seller(request), utc_now()
    month = statements.month_of(request.GET.get("month", ""), now=now)
    currency = request.GET.get("currency", "EUR")
    if currency not in CURRENCIES:
        raise Http404
    sheet = statements.seller_statement(seller_id, currency, month)
    name = f"statement-{currency}-{month:%Y-%m}"
    if request.GET.get("format") == "csv":
        return _file(statements.as_csv(sheet), "text/csv; charset=utf-8", f"{name}.csv")
    if request.GET.get("format") == "pdf":
        return _file(statements.as_pdf(sheet), "application/pdf", f"{name}.pdf")
    context = {
        "sheet": sheet, "months": statements.recent_months(now), "month": month, "currency": currency,
        "currencies": [balance.currency for balance in selectors.list_seller_balances(seller_id)] or ["EUR"],
    }  # fmt: skip
    return render(request, "payments/seller_statement.html", context)


def _file(content: bytes, media_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def seller_onboarding(request: HttpRequest) -> HttpResponse:
    """POST: to the provider's page, which asks who the seller is. GET: back from there; how it stands now."""
    seller_id = _seller(request)
    back = request.build_absolute_uri(reverse("seller_onboarding")) if request.method == "POST" else ""
    found: Recipient | None = None

    def ask() -> None:
        nonlocal found
        balances = selectors.list_seller_balances(seller_id)
        found = onboarding.ask_provider(
            seller_id=seller_id, currency=balances[0].currency if balances else "EUR", return_url=back,
            actor=actor_of(request), now=utc_now(),
        )  # fmt: skip

    if attempt(request, ask) and found is not None:
        if found.url:
            return redirect(found.url)
        if found.state is RecipientState.READY:
            messages.success(request, _("Everything is known: payouts can go to your bank account."))
    return redirect("seller_money")
