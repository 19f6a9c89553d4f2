"""Pages of price talks: asking, offering and countering, agreeing."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.clock import utc_now
from core.errors import DomainError, NotFound
from core.money import Money
from core.web.actions import add_error, attempt
from core.web.requests import actor_of, member_required
from marketplace.addresses.selectors import list_addresses
from marketplace.addresses.views import changed_fields
from marketplace.catalog.selectors import get_public_listing
from marketplace.contracts import MessageSide, QuoteState
from marketplace.quotes import selectors, services
from marketplace.quotes.forms import OfferForm, QuoteRequestForm
from marketplace.quotes.models import Quote, QuoteOffer
from marketplace.quotes.rules import side_asked
from marketplace.quotes.states import OPEN
from marketplace.sellers.selectors import find_seller

PAGE_SIZE = 20
TONES = {
    QuoteState.REQUESTED: "moving", QuoteState.OFFERED: "held", QuoteState.COUNTERED: "held",
    QuoteState.ACCEPTED: "available",
}  # fmt: skip


def state_label(state: str) -> str:
    return {
        "REQUESTED": _("Asked for"), "OFFERED": _("Offered"), "COUNTERED": _("Counter-offer"), "ACCEPTED": _("Agreed"),
        "DECLINED": _("Declined"), "WITHDRAWN": _("Withdrawn"), "EXPIRED": _("Time is over"),
        "CONVERTED": _("Made to order"),
    }.get(state, state)  # fmt: skip


def decorated(quote: Quote) -> dict[str, Any]:
    last = getattr(quote, "last_price", None)
    total = Money(last * quote.last_quantity + quote.last_shipping, quote.currency) if last else None  # type: ignore[attr-defined]
    state = QuoteState(quote.state)
    return {"quote": quote, "label": state_label(state), "tone": TONES.get(state, "neutral"), "total": total}


@member_required
@require_GET
def quotes(request: HttpRequest) -> HttpResponse:
    """Prices this organisation asked for."""
    return _listed(request, is_seller=False)


@member_required
@require_GET
def seller_quotes(request: HttpRequest) -> HttpResponse:
    """Prices this seller was asked for."""
    if find_seller(actor_of(request).organisation_id) is None:
        return redirect("sell")
    return _listed(request, is_seller=True)


def _listed(request: HttpRequest, *, is_seller: bool) -> HttpResponse:
    state = request.GET.get("state", "")
    state = state if state in QuoteState.__members__ else ""
    found = selectors.quotes_of(actor_of(request).organisation_id, as_seller=is_seller, state=state)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page, "rows": [decorated(one) for one in page], "is_seller": is_seller, "state": state,
        "states": [(one.value, state_label(one)) for one in QuoteState],
    }  # fmt: skip
    return render(request, "marketplace/quotes.html", context)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_quote(request: HttpRequest, listing_id: UUID) -> HttpResponse:
    """Ask for a price."""
    actor, listing = actor_of(request), get_public_listing(listing_id)
    assert actor.organisation_id is not None
    known = list_addresses(actor.organisation_id)
    form = QuoteRequestForm.of(request, initial=asdict(known[0].place) if known else {"country": "ES"})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = services.request_quote(
                listing_id=listing_id, quantity=data["quantity"], wish=data["wish"], address=form.address(), actor=actor,
                now=utc_now(),
            )  # fmt: skip
            return redirect("quote", made.id)
        except NotFound:
            raise
        except DomainError as error:
            add_error(form, error)
    context = {"listing": listing, "form": form}
    return changed_fields(request, form) or render(
        request, "marketplace/new_quote.html", context, status=422 if form.errors else 200
    )


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def quote(request: HttpRequest, quote_id: UUID) -> HttpResponse:
    """A price talk: every word of both sides, and what one can do now. POST is the next word."""
    actor = actor_of(request)
    found = selectors.get_quote_for(quote_id=quote_id, actor=actor)
    side, offers = selectors.side_of(found, actor), selectors.offers_of(quote_id)
    form = _offer_form(request, found, side, offers)
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            services.make_offer(quote_id=quote_id, offer=form.offer(), actor=actor, now=utc_now())
            return redirect("quote", quote_id)
        except NotFound:
            raise
        except DomainError as error:
            add_error(form, error)
    failed = form is not None and bool(form.errors)
    is_asked = side_asked(found.state) is side
    context = {
        **decorated(found), "offers": offers, "last": offers[-1] if offers else None, "form": form, "failed": failed,
        "is_seller": side is MessageSide.SELLER, "is_buyer": side is MessageSide.BUYER, "side": side.value,
        "is_open": QuoteState(found.state) in OPEN, "is_asked": is_asked, "can_accept": is_asked and bool(offers),
        "purchase": found.purchase,
    }  # fmt: skip
    return render(request, "marketplace/quote.html", context, status=422 if failed else 200)


def _offer_form(request: HttpRequest, found: Quote, side: MessageSide, offers: list[QuoteOffer]) -> OfferForm | None:
    """The form of the next word; None when this side cannot speak now."""
    is_seller = side is MessageSide.SELLER
    if QuoteState(found.state) not in OPEN or not (is_seller or offers):
        return None
    last = offers[-1] if offers else None
    days = last.handling_days if last else found.listing.handling_days
    carriers = selectors.services_for(
        listing=found.listing, quantity=last.quantity if last else found.quantity, address=found.address,
        handling_days=days, now=utc_now(),
    )  # fmt: skip
    return OfferForm(
        request.POST or None, currency=found.currency, services=carriers, default_days=days, is_seller=is_seller,
        initial=OfferForm.values_of(last, quantity=found.quantity, price=found.listing.price, handling_days=days),
    )  # fmt: skip


@member_required
@require_POST
def quote_acceptance(request: HttpRequest, quote_id: UUID) -> HttpResponse:
    """Agree to what stands, with the total one saw; the buyer goes on to pay."""
    actor = actor_of(request)
    found = selectors.get_quote_for(quote_id=quote_id, actor=actor)
    seen = request.POST.get("total", "")
    total = Money(int(seen), found.currency) if seen.isascii() and seen.isdigit() and len(seen) < 18 else None
    done = attempt(
        request,
        lambda: services.accept_offer(
            quote_id=quote_id, expected_total=total or Money.zero(found.currency), actor=actor, now=utc_now()
        ),
        done=_("Agreed. The goods are kept until the payment."),
    )
    if done and actor.acts_for(found.buyer_id):
        accepted = selectors.get_quote_for(quote_id=quote_id, actor=actor)
        return redirect("payment", accepted.purchase_id)
    return redirect("quote", quote_id)


@member_required
@require_POST
def quote_closing(request: HttpRequest, quote_id: UUID) -> HttpResponse:
    """Decline, or take one's word back."""
    actor, reason = actor_of(request), request.POST.get("reason", "")[:500]
    attempt(
        request, lambda: services.close_quote(quote_id=quote_id, reason=reason, actor=actor, now=utc_now()),
        done=_("It is over; nothing was bought."),
    )  # fmt: skip
    return redirect("quote", quote_id)


@member_required
@require_POST
def quote_agreement(request: HttpRequest, quote_id: UUID) -> HttpResponse:
    """The seller answers with a payment plan for something made to order."""
    actor = actor_of(request)
    if attempt(request, lambda: services.convert_quote(quote_id=quote_id, actor=actor, now=utc_now())):
        found = selectors.get_quote_for(quote_id=quote_id, actor=actor)
        return redirect("agreement_plan", found.agreement_id)
    return redirect("quote", quote_id)
