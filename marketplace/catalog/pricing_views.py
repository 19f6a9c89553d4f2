"""The seller's page of quantities, prices and reductions of one listing."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from core.clock import utc_now
from core.errors import DomainError, NotFound
from core.money import Money
from core.web.actions import add_error, attempt
from core.web.requests import actor_of, member_required
from marketplace.catalog import pricing
from marketplace.catalog.forms import ReductionForm, TermsForm
from marketplace.catalog.models import Listing
from marketplace.catalog.selectors import find_reduction, get_own_listing, price_history
from marketplace.catalog.terms import prior_price


@member_required
@require_GET
def listing_prices(request: HttpRequest, listing_id: UUID) -> HttpResponse:
    """Minimum, packs, prices by quantity; the reduction and what it may be measured from."""
    return _page(request, _own(request, listing_id))


@member_required
@require_POST
def listing_terms(request: HttpRequest, listing_id: UUID) -> HttpResponse:
    """Save minimum, packs and steps."""
    listing = _own(request, listing_id)
    form = TermsForm(request.POST, currency=listing.currency)
    if form.is_valid():
        try:
            pricing.set_terms(listing_id=listing_id, terms=form.terms(), actor=actor_of(request), now=utc_now())
        except NotFound:
            raise
        except DomainError as error:
            add_error(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("listing_prices", listing_id)
    return _page(request, listing, terms=form)


@member_required
@require_POST
def listing_reduction(request: HttpRequest, listing_id: UUID) -> HttpResponse:
    """Announce a reduction, lower it further, or end it (`end`)."""
    listing, actor = _own(request, listing_id), actor_of(request)
    if "end" in request.POST:
        attempt(request, lambda: pricing.end_reduction(listing_id=listing_id, actor=actor, now=utc_now()),
                done=_("The price of before is back."))  # fmt: skip
        return redirect("listing_prices", listing_id)
    form = ReductionForm(request.POST, currency=listing.currency)
    if form.is_valid():
        try:
            pricing.start_reduction(
                listing_id=listing_id,
                price=form.cleaned_data["price"],
                ends_at=form.ends_at,
                actor=actor,
                now=utc_now(),
            )
        except NotFound:
            raise
        except DomainError as error:
            add_error(form, error, {"ends_at": "last_day"})
        else:
            messages.success(request, _("The reduction is announced."))
            return redirect("listing_prices", listing_id)
    return _page(request, listing, reduced=form)


def _own(request: HttpRequest, listing_id: UUID) -> Listing:
    return get_own_listing(listing_id=listing_id, seller_id=actor_of(request).organisation_id)


def _page(
    request: HttpRequest, listing: Listing, *, terms: TermsForm | None = None, reduced: ReductionForm | None = None
) -> HttpResponse:
    now = utc_now()
    reduction = find_reduction(listing.id)
    if reduction is not None:
        lowest: int | None = reduction.prior_minor
    else:
        lowest = prior_price(history=price_history(listing.id, until=now), starts_at=now)
    context = {
        "listing": listing, "reduction": reduction,
        "terms": terms or TermsForm(initial=TermsForm.values_of(listing), currency=listing.currency),
        "reduced": reduced or ReductionForm(currency=listing.currency),
        "lowest": None if lowest is None else Money(lowest, listing.currency),
        "regular": Money(reduction.regular_minor, reduction.currency) if reduction else None,
    }  # fmt: skip
    return render(request, "marketplace/listing_prices.html", context)
