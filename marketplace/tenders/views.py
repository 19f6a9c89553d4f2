"""Pages of tenders: telling a need, answering it, comparing the answers and choosing one."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.clock import utc_now
from core.errors import DomainError, NotFound
from core.identity.selectors import get_organisation
from core.money import Money
from core.web import attachments
from core.web.actions import add_error, attempt
from core.web.requests import actor_of, member_required
from marketplace.addresses.selectors import list_addresses
from marketplace.addresses.views import changed_fields
from marketplace.contracts import TenderState
from marketplace.quotes.selectors import services_for
from marketplace.quotes.views import state_label as quote_label
from marketplace.sellers.selectors import find_seller
from marketplace.tenders import selectors, services
from marketplace.tenders.forms import BidForm, TenderForm
from marketplace.tenders.models import Tender
from marketplace.tenders.rules import month_start

PAGE_SIZE = 20
TONES = {TenderState.OPEN: "moving", TenderState.AWARDED: "available"}


def state_label(state: str) -> str:
    return {
        "OPEN": _("Open"), "AWARDED": _("Chosen"), "CLOSED": _("Closed"), "EXPIRED": _("Time is over"),
    }.get(state, state)  # fmt: skip


def decorated(tender: Tender) -> dict[str, Any]:
    state = TenderState(tender.state)
    return {"tender": tender, "label": state_label(state), "tone": TONES.get(state, "neutral")}


@member_required
@require_GET
def tenders(request: HttpRequest) -> HttpResponse:
    """What this organisation looked for."""
    found = selectors.tenders_of(actor_of(request).organisation_id)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "rows": [decorated(one) for one in page]}
    return render(request, "marketplace/tenders.html", context)


@member_required
@require_GET
def seller_tenders(request: HttpRequest) -> HttpResponse:
    """What buyers look for and this seller may answer, with what is left of its month."""
    seller = find_seller(actor_of(request).organisation_id)
    if seller is None:
        return redirect("sell")
    now = utc_now()
    found = selectors.tenders_for_seller(seller.pk, now=now)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    policy = selectors.policy_at(now)
    used = selectors.count_bids_since(seller_id=seller.pk, since=month_start(now))
    context = {
        "page_obj": page, "rows": [decorated(one) for one in page], "policy": policy,
        "left": max(policy.bids_per_month - used, 0),
    }  # fmt: skip
    return render(request, "marketplace/seller_tenders.html", context)


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_tender(request: HttpRequest) -> HttpResponse:
    """Say what one looks for."""
    actor = actor_of(request)
    assert actor.organisation_id is not None
    currency = get_organisation(actor.organisation_id).currency
    known = list_addresses(actor.organisation_id)
    initial = {"country": "ES"} | (asdict(known[0].place) if known else {}) | {"title": request.GET.get("q", "")[:140]}
    form = TenderForm.of(request, currency=currency, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.publish_tender(
                need=form.wanted(), currency=currency, uploads=form.cleaned_data["attachments"], actor=actor, now=utc_now()
            )  # fmt: skip
            return redirect("tender", made.id)
        except NotFound:
            raise
        except DomainError as error:
            add_error(form, error)
    return changed_fields(request, form) or render(
        request, "marketplace/new_tender.html", {"form": form}, status=422 if form.errors else 200
    )


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def tender(request: HttpRequest, tender_id: UUID) -> HttpResponse:
    """For the buyer all answers side by side; for a seller that is asked, the need and its answer (POST)."""
    actor, now = actor_of(request), utc_now()
    found = selectors.get_tender_for(tender_id=tender_id, actor=actor, now=now)
    context = {**decorated(found), "files": selectors.files_of(found), "is_over": found.deadline <= now}
    if actor.acts_for(found.buyer_id):
        rows = [{"view": view, "label": quote_label(view.bid.quote.state)} for view in selectors.bids_of(found)]
        invited = found.invitations.count()
        return render(request, "marketplace/tender.html", {**context, "rows": rows, "invited": invited})
    return _answer(request, found, context)


def _answer(request: HttpRequest, found: Tender, context: dict[str, Any]) -> HttpResponse:
    actor, now = actor_of(request), utc_now()
    assert actor.organisation_id is not None
    bid = selectors.find_bid(tender_id=found.id, seller_id=actor.organisation_id)
    form = None if bid or context["is_over"] or found.state != TenderState.OPEN else _bid_form(request, found)
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            made = services.place_bid(
                tender_id=found.id, listing_id=form.cleaned_data["listing_id"], offer=form.offer(), actor=actor, now=now
            )
            return redirect("quote", made.quote_id)
        except NotFound:
            raise
        except DomainError as error:
            add_error(form, error)
    failed = form is not None and bool(form.errors)
    page = {**context, "bid": bid, "form": form, "edits": found.edits_per_bid}
    return render(request, "marketplace/tender_answer.html", page, status=422 if failed else 200)


def _bid_form(request: HttpRequest, found: Tender) -> BidForm | None:
    """None while the seller has nothing on sale. Carriers are asked for the first of its listings."""
    actor = actor_of(request)
    assert actor.organisation_id is not None
    listings = selectors.own_listings(actor.organisation_id, category=found.category)
    if not listings:
        return None
    chosen = next((one for one in listings if str(one.id) == request.POST.get("listing_id")), listings[0])
    carriers = services_for(
        listing=chosen, quantity=found.quantity, address=found.address, handling_days=chosen.handling_days, now=utc_now()
    )  # fmt: skip
    initial = BidForm.values_of(
        None, quantity=found.quantity, price=found.target or chosen.price, handling_days=chosen.handling_days
    )
    return BidForm(
        request.POST or None, currency=found.currency, services=carriers, default_days=chosen.handling_days,
        listings=listings, initial=initial,
    )  # fmt: skip


@member_required
@require_POST
def tender_choice(request: HttpRequest, tender_id: UUID, quote_id: UUID) -> HttpResponse:
    """The buyer takes one answer and goes on to pay."""
    actor = actor_of(request)
    found = selectors.get_tender_of_buyer(tender_id=tender_id, actor=actor)
    seen, purchase = request.POST.get("total", ""), None
    total = Money(int(seen), found.currency) if seen.isascii() and seen.isdigit() and len(seen) < 18 else None

    def act() -> None:
        nonlocal purchase
        purchase = services.accept_bid(
            tender_id=tender_id, quote_id=quote_id, expected_total=total or Money.zero(found.currency), actor=actor,
            now=utc_now(),
        )  # fmt: skip

    if attempt(request, act, done=_("Agreed. The goods are kept until the payment.")) and purchase is not None:
        return redirect("payment", purchase.id)
    return redirect("tender", tender_id)


@member_required
@require_POST
def tender_closing(request: HttpRequest, tender_id: UUID) -> HttpResponse:
    """The buyer needs it no more."""
    actor, reason = actor_of(request), request.POST.get("reason", "")[:500]
    attempt(
        request, lambda: services.close_tender(tender_id=tender_id, reason=reason, actor=actor, now=utc_now()),
        done=_("Closed. The sellers that answered are told."),
    )  # fmt: skip
    return redirect("tender", tender_id)


@require_GET
def tender_file(request: HttpRequest, tender_id: UUID, file_id: UUID) -> HttpResponseBase:
    """A file for the buyer and the sellers that are asked; always a download."""
    actor = actor_of(request)
    if not actor.is_authenticated:
        return redirect_to_login(request.get_full_path())
    try:
        found = selectors.get_file_for(tender_id=tender_id, file_id=file_id, actor=actor, now=utc_now())
        kept = attachments.Attachment(found.name, found.stored_as, found.media_type, found.size)
        return attachments.download(services.FOLDER, kept)
    except NotFound as error:
        raise Http404 from error
