"""The seller's pictures of a listing: added, put in order, described, removed."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.clock import utc_now
from core.web.actions import attempt, form_problems
from core.web.requests import actor_of, member_required
from marketplace.catalog import pictures
from marketplace.catalog.forms import PhotoForm
from marketplace.catalog.selectors import get_own_listing


@member_required
@require_POST
def listing_photos(request: HttpRequest, listing_id: UUID) -> HttpResponse:
    """Add a picture."""
    get_own_listing(listing_id=listing_id, seller_id=actor_of(request).organisation_id)
    form = PhotoForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, form_problems(form) or _("Choose a picture."))
        return redirect("edit_listing", listing_id)
    data: bytes = form.cleaned_data["photo"].read()
    attempt(
        request,
        lambda: pictures.add_photo(
            listing_id=listing_id, data=data, alt=form.cleaned_data["alt"], actor=actor_of(request), now=utc_now()
        ),
        done=_("Picture added."),
    )
    return redirect("edit_listing", listing_id)


@member_required
@require_POST
def listing_photo(request: HttpRequest, listing_id: UUID, photo_id: UUID) -> HttpResponse:
    """Move a picture (`move` earlier or later), or say what it shows (`alt`)."""
    actor = actor_of(request)
    if "move" in request.POST:
        earlier = request.POST["move"] == "earlier"
        pictures.move_photo(listing_id=listing_id, photo_id=photo_id, earlier=earlier, actor=actor)
    else:
        alt = request.POST.get("alt", "")
        pictures.describe_photo(listing_id=listing_id, photo_id=photo_id, alt=alt, actor=actor)
        messages.success(request, _("Saved."))
    return redirect("edit_listing", listing_id)


@member_required
@require_POST
def listing_photo_removal(request: HttpRequest, listing_id: UUID, photo_id: UUID) -> HttpResponse:
    pictures.remove_photo(listing_id=listing_id, photo_id=photo_id, actor=actor_of(request), now=utc_now())
    messages.success(request, _("Picture removed."))
    return redirect("edit_listing", listing_id)
