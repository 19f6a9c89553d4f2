"""The listing page, and the seller's listings."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.clock import utc_now
from core.errors import DomainError, NotFound
from core.web.actions import add_error, attempt, form_problems
from core.web.requests import actor_of, member_required
from marketplace.catalog import services
from marketplace.catalog.alerts import set_stock_alert
from marketplace.catalog.bulk import MAX_LISTINGS
from marketplace.catalog.copies import duplicate_listing
from marketplace.catalog.forms import (
    HandlingForm,
    ListingForm,
    PhotoForm,
    QuickForm,
    SafetyForm,
    ScheduleForm,
    StockAlertForm,
)
from marketplace.catalog.handling import set_marks
from marketplace.catalog.models import Category, Listing
from marketplace.catalog.photos import photo_url
from marketplace.catalog.ports import moderation
from marketplace.catalog.rules import quality_tips
from marketplace.catalog.scheduling import cancel_publication, schedule_publication
from marketplace.catalog.selectors import (
    find_stock_alert,
    first_photos,
    get_own_listing,
    leaf_categories,
    low_stock,
    photos_of,
    thumbnail,
    work_list_of,
)
from marketplace.catalog.states import ListingState
from marketplace.sellers.selectors import find_seller

PAGE_SIZE = 20


@member_required
@require_GET
def own_listings(request: HttpRequest) -> HttpResponse:
    """The seller's listings with search, state filter and quick edit."""
    seller = find_seller(actor_of(request).organisation_id)
    if seller is None:
        return redirect("sell")
    state, query = request.GET.get("state", ""), request.GET.get("q", "")[:100]
    page = Paginator(work_list_of(seller.pk, state=state, query=query), PAGE_SIZE).get_page(request.GET.get("page"))
    photos = first_photos(listing.id for listing in page)
    rows = [(listing, thumbnail(photos.get(listing.id))) for listing in page]
    context = {
        "seller": seller, "page_obj": page, "rows": rows, "state": state, "query": query,
        "states": [(s.value, state_label(s.value)) for s in ListingState], "low": low_stock(seller.pk, limit=5),
        "most": MAX_LISTINGS,
    }  # fmt: skip
    return render(request, "marketplace/own_listings.html", context)


def state_label(state: str) -> str:
    """A listing's state in plain words."""
    return {
        "DRAFT": _("Draft"), "PUBLISHED": _("On sale"), "WITHDRAWN": _("Off sale"), "BLOCKED": _("Blocked"),
        "HELD": _("Being checked"),
    }.get(state, state)  # fmt: skip


@member_required
@require_http_methods(["GET", "POST"])
def edit_listing(request: HttpRequest, listing_id: UUID) -> HttpResponse:
    """Change a listing; shows its pictures and what would make it better."""
    listing = get_own_listing(listing_id=listing_id, seller_id=actor_of(request).organisation_id)
    category = _chosen_category(request) or listing.category
    form = ListingForm(
        request.POST or None, category=category, currency=listing.currency, initial=ListingForm.values_of(listing)
    )
    if request.method == "POST" and form.is_valid() and _save(request, form, listing.id):
        messages.success(request, _("Saved."))
        return redirect("edit_listing", listing.id)
    photos = [(photo, photo_url(photo.name, "s")) for photo in photos_of(listing.id)]
    score, tips = quality_tips(
        title=listing.title, description=listing.description, photo_count=len(photos),
        described=sum(bool(photo.alt) for photo, _url in photos), filled_attributes=len(listing.attributes),
        attribute_count=len(category.attributes), has_gtin=bool(listing.gtin),
    )  # fmt: skip
    alert = find_stock_alert(listing.id)
    context = {
        "form": form, "category": category, "listing": listing, "photos": photos, "photo_form": PhotoForm(),
        "score": score, "tips": [tip_text(tip) for tip in tips], "state_label": state_label(listing.state),
        "notice": moderation().notice_of(listing.id), "can_publish": listing.state in {"DRAFT", "WITHDRAWN"},
        "schedule_form": ScheduleForm(), "alert_form": StockAlertForm(initial={"at_most": alert and alert.at_most}),
    }  # fmt: skip
    return render(request, "marketplace/edit_listing.html", context)


def tip_text(code: str) -> str:
    """What would make a listing better."""
    return {
        "TITLE_LONGER": _("Say more in the title: what, of what, how large."),
        "DESCRIPTION_LONGER": _("Describe it in a few more sentences."),
        "PHOTO_FIRST": _("Add a picture."), "PHOTOS_MORE": _("Show it from three sides."),
        "PHOTOS_DESCRIBED": _("Say of each picture what it shows."),
        "ATTRIBUTES_ALL": _("Fill in all properties: people filter by them."),
        "GTIN_ADD": _("Add the barcode number if it has one."),
    }[code]  # fmt: skip


def _chosen_category(request: HttpRequest) -> Category | None:
    code = request.POST.get("category_code") or request.GET.get("category")
    return next((c for c in leaf_categories() if c.code == code), None) if code else None


def _save(request: HttpRequest, form: ListingForm, listing_id: UUID) -> bool:
    try:
        services.update_listing(
            listing_id=listing_id, listing=form.listing_input(), actor=actor_of(request), now=utc_now()
        )
    except NotFound:
        raise
    except DomainError as error:
        add_error(form, error, form.names_of_fields)
        return False
    return True


@member_required
@require_http_methods(["GET", "POST"])
def listing_handling(request: HttpRequest, listing_id: UUID) -> HttpResponse:
    """What the goods ask of carriers; at first what their category says."""
    listing = get_own_listing(listing_id=listing_id, seller_id=actor_of(request).organisation_id)
    form = HandlingForm(initial={"marks": listing.marks})
    if request.method == "POST":
        form = HandlingForm(request.POST)
        if form.is_valid():
            set_marks(listing_id=listing.id, marks=form.cleaned_data["marks"], actor=actor_of(request), now=utc_now())
            messages.success(request, _("Saved."))
            return redirect("listing_handling", listing.id)
    context = {"listing": listing, "form": form}
    return render(request, "marketplace/listing_handling.html", context, status=422 if form.errors else 200)


@member_required
@require_http_methods(["GET", "POST"])
def listing_safety(request: HttpRequest, listing_id: UUID) -> HttpResponse:
    """Who made it and who answers for it; at first the seller is offered."""
    listing = get_own_listing(listing_id=listing_id, seller_id=actor_of(request).organisation_id)
    seller = listing.seller
    own = {
        "maker_name": seller.legal_name, "maker_address": f"{seller.street}, {seller.postcode} {seller.city}",
        "maker_country": seller.country,
    }  # fmt: skip
    form = SafetyForm(request.POST or None, initial=listing.safety or own)
    if request.method == "POST" and form.is_valid():
        try:
            services.set_safety(listing_id=listing.id, safety=form.safety(), actor=actor_of(request), now=utc_now())
        except NotFound:
            raise
        except DomainError as error:
            add_error(form, error, {f"safety.{name}": name for name in form.fields})
        else:
            messages.success(request, _("Saved."))
            return redirect("listing_safety", listing.id)
    context = {"listing": listing, "form": form}
    return render(request, "marketplace/listing_safety.html", context)


@member_required
@require_POST
def listing_publication(request: HttpRequest, listing_id: UUID) -> HttpResponse:
    """Put on sale, or take off sale (`state=off`)."""
    actor, now = actor_of(request), utc_now()
    if request.POST.get("state") == "off":
        attempt(request, lambda: services.withdraw_listing(listing_id=listing_id, actor=actor, now=now),
                done=_("Off sale. Open orders are not affected."))  # fmt: skip
    else:
        attempt(request, lambda: messages.success(
            request, told_of_publication(services.publish_listing(listing_id=listing_id, actor=actor, now=now))
        ))  # fmt: skip
    return redirect("edit_listing", listing_id)


def told_of_publication(listing: Listing) -> str:
    """What became of a listing that was put on sale."""
    if listing.state == ListingState.HELD:
        return _("We look at it first. You get an e-mail when it is on sale.")
    return _("On sale. Buyers find it within seconds.")


@member_required
@require_POST
def listing_schedule(request: HttpRequest, listing_id: UUID) -> HttpResponse:
    """Put it on sale by itself at a moment, or not any more (`cancel`)."""
    actor, now = actor_of(request), utc_now()
    if "cancel" in request.POST:
        attempt(request, lambda: cancel_publication(listing_id=listing_id, actor=actor, now=now),
                done=_("It does not go on sale by itself."))  # fmt: skip
        return redirect("edit_listing", listing_id)
    form = ScheduleForm(request.POST)
    if form.is_valid():
        at = form.cleaned_data["publish_at"]
        attempt(request, lambda: schedule_publication(listing_id=listing_id, at=at, actor=actor, now=now),
                done=_("Planned."))  # fmt: skip
    else:
        get_own_listing(listing_id=listing_id, seller_id=actor.organisation_id)
        messages.error(request, form_problems(form))
    return redirect("edit_listing", listing_id)


@member_required
@require_POST
def listing_stock_alert(request: HttpRequest, listing_id: UUID) -> HttpResponse:
    """At how many pieces the seller wants an e-mail; empty: never."""
    form = StockAlertForm(request.POST)
    get_own_listing(listing_id=listing_id, seller_id=actor_of(request).organisation_id)
    if form.is_valid():
        at_most = form.cleaned_data["at_most"]
        attempt(request, lambda: set_stock_alert(listing_id=listing_id, at_most=at_most, actor=actor_of(request)),
                done=_("Saved."))  # fmt: skip
    else:
        messages.error(request, form_problems(form))
    return redirect("edit_listing", listing_id)


@member_required
@require_POST
def listing_copy(request: HttpRequest, listing_id: UUID) -> HttpResponse:
    """A draft that says the same."""
    made = duplicate_listing(listing_id=listing_id, actor=actor_of(request), now=utc_now())
    messages.success(request, _("This is the copy: a draft with the same words, prices and pictures."))
    return redirect("edit_listing", made.id)


@member_required
@require_POST
def listing_quick_edit(request: HttpRequest, listing_id: UUID) -> HttpResponse:
    """Price and stock from the list."""
    listing = get_own_listing(listing_id=listing_id, seller_id=actor_of(request).organisation_id)
    form = QuickForm(request.POST, currency=listing.currency)
    if form.is_valid():
        values: dict[str, Any] = form.cleaned_data
        attempt(
            request,
            lambda: services.set_price_and_stock(
                listing_id=listing_id,
                price=values["price"],
                stock=values["stock"],
                actor=actor_of(request),
                now=utc_now(),
            ),
            done=_("Saved."),
        )
    else:
        messages.error(request, form_problems(form))
    return redirect("listings")
