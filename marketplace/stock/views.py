"""Pages of stock by place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import cast
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.clock import utc_now
from core.errors import DomainError, NotFound
from core.web.actions import add_error, attempt, form_problems
from core.web.requests import actor_of, member_required
from marketplace.addresses.forms import CHANGE
from marketplace.catalog.selectors import first_photos, names_of_actors, thumbnail
from marketplace.imports.files import csv_lines
from marketplace.sellers.selectors import find_seller
from marketplace.stock import files, services
from marketplace.stock.forms import AdjustmentForm, CountForm, LocationForm, TransferForm
from marketplace.stock.selectors import (
    get_own_location,
    get_stock,
    locations_of,
    movements_of,
    stock_of,
    with_shelves,
)

PAGE_SIZE = 25
_EXPORT_CHUNK = 500


@member_required
@require_GET
def stock(request: HttpRequest) -> HttpResponse:
    """What is where, with search and what is low."""
    seller = find_seller(actor_of(request).organisation_id)
    if seller is None:
        return redirect("sell")
    query, low = request.GET.get("q", "").strip()[:100], request.GET.get("low") == "1"
    page = Paginator(stock_of(seller.pk, query=query, low=low), PAGE_SIZE).get_page(request.GET.get("page"))
    locations = list(locations_of(seller.pk))
    rows = with_shelves(page, locations)
    photos = first_photos(row.listing.id for row in rows)
    context = {
        "page_obj": page, "rows": [(row, thumbnail(photos.get(row.listing.id))) for row in rows], "query": query,
        "low": low, "locations": locations, "seller": seller, "form": CountForm(),
    }  # fmt: skip
    return render(request, "marketplace/stock.html", context)


@member_required
@require_GET
def stock_export(request: HttpRequest) -> HttpResponse:
    """All of it as CSV; the same file comes back counted."""
    seller = find_seller(actor_of(request).organisation_id)
    if seller is None:
        return redirect("sell")
    response = StreamingHttpResponse(csv_lines(_file_rows(seller.pk)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="stock.csv"'
    return cast(HttpResponse, response)


def _file_rows(seller_id: UUID) -> Iterator[list[object]]:
    locations = list(locations_of(seller_id))
    yield list(files.header(locations))
    pages = Paginator(stock_of(seller_id), _EXPORT_CHUNK)
    for number in pages.page_range:
        for row in with_shelves(pages.page(number), locations):
            yield files.file_row(row)


@member_required
@require_POST
def stock_counts(request: HttpRequest) -> HttpResponse:
    """Take a counted file in; what is wrong is shown row by row and nothing is changed."""
    actor = actor_of(request)
    seller = find_seller(actor.organisation_id)
    if seller is None:
        return redirect("sell")
    form = CountForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, form_problems(form))
        return redirect("stock")
    upload: UploadedFile[bytes] = form.cleaned_data["file"]
    try:
        changed, problems = files.import_counts(
            content=upload.read(files.MAX_BYTES + 1), seller_id=seller.pk, only_check=form.cleaned_data["only_check"],
            reason=form.cleaned_data["reason"], actor=actor, now=utc_now(),
        )  # fmt: skip
    except DomainError as error:
        messages.error(request, " ".join(_(part) for part in (error.message, error.remedy) if part))
        return redirect("stock")
    if problems:
        return render(request, "marketplace/stock_problems.html", {"problems": problems}, status=422)
    if form.cleaned_data["only_check"]:
        words = ngettext("The file is good: %(n)s figure.", "The file is good: %(n)s figures.", changed)
    else:
        words = ngettext("%(n)s figure changed.", "%(n)s figures changed.", changed)
    messages.success(request, words % {"n": changed})
    return redirect("stock")


@member_required
@require_GET
def listing_stock(request: HttpRequest, listing_id: UUID) -> HttpResponse:
    """One listing: what is where, correct it, move it, and what moved."""
    seller_id = actor_of(request).organisation_id
    listing = get_stock(listing_id=listing_id, seller_id=seller_id)
    locations = list(locations_of(seller_id))
    page = Paginator(movements_of(listing.id), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "row": with_shelves([listing], locations)[0], "locations": locations, "page_obj": page,
        "names": names_of_actors(movement.actor for movement in page),
        "adjustment": AdjustmentForm(locations=locations, auto_id="adjust-%s"),
        "transfer": TransferForm(
            locations=locations, auto_id="move-%s", initial={"to": str(locations[0].id)} if locations else {}
        ),
    }  # fmt: skip
    return render(request, "marketplace/listing_stock.html", context)


@member_required
@require_POST
def stock_adjustment(request: HttpRequest, listing_id: UUID) -> HttpResponse:
    """Correct how many pieces are at a place."""
    actor = actor_of(request)
    get_stock(listing_id=listing_id, seller_id=actor.organisation_id)
    form = AdjustmentForm(request.POST, locations=locations_of(actor.organisation_id))
    if form.is_valid():
        attempt(request, lambda: services.adjust_stock(
            listing_id=listing_id, location_id=form.place("at"), delta=form.cleaned_data["delta"],
            reason=form.cleaned_data["reason"], actor=actor, now=utc_now(),
        ), done=_("Saved."))  # fmt: skip
    else:
        messages.error(request, form_problems(form))
    return redirect("listing_stock", listing_id)


@member_required
@require_POST
def stock_transfer(request: HttpRequest, listing_id: UUID) -> HttpResponse:
    """Move pieces from one place to another."""
    actor = actor_of(request)
    get_stock(listing_id=listing_id, seller_id=actor.organisation_id)
    form = TransferForm(request.POST, locations=locations_of(actor.organisation_id))
    if form.is_valid():
        attempt(request, lambda: services.transfer_stock(
            listing_id=listing_id, from_id=form.place("source"), to_id=form.place("to"),
            quantity=form.cleaned_data["quantity"], reason=form.cleaned_data["reason"], actor=actor, now=utc_now(),
        ), done=_("Moved."))  # fmt: skip
    else:
        messages.error(request, form_problems(form))
    return redirect("listing_stock", listing_id)


@member_required
@require_GET
def stock_locations(request: HttpRequest) -> HttpResponse:
    """The places, the shop's own address first."""
    seller = find_seller(actor_of(request).organisation_id)
    if seller is None:
        return redirect("sell")
    context = {"seller": seller, "locations": locations_of(seller.pk)}
    return render(request, "marketplace/stock_locations.html", context)


@member_required
@require_http_methods(["GET", "POST"])
def new_stock_location(request: HttpRequest) -> HttpResponse:
    """Another place."""
    actor = actor_of(request)
    seller = find_seller(actor.organisation_id)
    if seller is None:
        return redirect("sell")
    form = LocationForm.of(request, initial={"country": seller.country, "name": seller.name, "handling_days": 1})
    if request.method == "POST" and form.is_valid():
        try:
            services.add_location(
                label=form.cleaned_data["label"], handling_days=form.cleaned_data["handling_days"],
                address=form.address(), actor=actor, now=utc_now(),
            )  # fmt: skip
        except DomainError as error:
            add_error(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("stock_locations")
    return _location_page(request, form)


@member_required
@require_http_methods(["GET", "POST"])
def stock_location(request: HttpRequest, location_id: UUID) -> HttpResponse:
    """Rename or move a place."""
    actor = actor_of(request)
    found = get_own_location(location_id=location_id, seller_id=actor.organisation_id)
    initial = asdict(found.address) | {"label": found.label, "handling_days": found.handling_days}
    form = LocationForm.of(request, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_location(
                location_id=location_id, label=form.cleaned_data["label"], address=form.address(),
                handling_days=form.cleaned_data["handling_days"], actor=actor,
            )  # fmt: skip
        except NotFound:
            raise
        except DomainError as error:
            add_error(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("stock_locations")
    return _location_page(request, form, is_new=False)


def _location_page(request: HttpRequest, form: LocationForm, *, is_new: bool = True) -> HttpResponse:
    """The form; a script that changed the country gets the fields alone."""
    if getattr(request, "htmx", False) and CHANGE in request.POST:
        return render(request, "marketplace/address_fields.html", {"form": form})
    context = {"form": form, "is_new": is_new}
    return render(request, "marketplace/stock_location.html", context, status=422 if form.errors else 200)


@member_required
@require_POST
def stock_location_closing(request: HttpRequest, location_id: UUID) -> HttpResponse:
    """Give an empty place up."""
    actor = actor_of(request)
    attempt(
        request, lambda: services.close_location(location_id=location_id, actor=actor, now=utc_now()),
        done=_("The place is given up."),
    )  # fmt: skip
    return redirect("stock_locations")
