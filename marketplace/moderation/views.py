"""The seller's page of a listing that is being checked."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from core.clock import utc_now
from core.errors import DomainError, NotFound
from core.web import attachments
from core.web.actions import add_error
from core.web.requests import actor_of, member_required
from marketplace.catalog.selectors import get_own_listing
from marketplace.moderation import services
from marketplace.moderation.forms import DocumentForm
from marketplace.moderation.selectors import asked_of, documents_of, find_document, find_last_case
from marketplace.screening import CaseState


@member_required
@require_http_methods(["GET", "POST"])
def listing_review(request: HttpRequest, listing_id: UUID) -> HttpResponse:
    """Which rules fit, what to do, and the papers sent; POST sends one."""
    listing = get_own_listing(listing_id=listing_id, seller_id=actor_of(request).organisation_id)
    case = find_last_case(listing_id)
    form = DocumentForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.send_document(
                listing_id=listing_id, upload=form.cleaned_data["file"], actor=actor_of(request), now=utc_now()
            )
        except NotFound:
            raise
        except DomainError as error:
            add_error(form, error)
        else:
            messages.success(request, _("Sent. We look at it with the listing."))
            return redirect("listing_review", listing_id)
    context = {
        "listing": listing, "case": case, "form": form, "is_open": case is not None and case.state == CaseState.OPEN,
        "asked": asked_of(case) if case else (), "documents": documents_of(case) if case else [],
    }  # fmt: skip
    return render(request, "marketplace/listing_review.html", context)


@login_required
@require_GET
def review_document(request: HttpRequest, document_id: UUID) -> HttpResponseBase:
    """A paper as a download, for its sender and the operator."""
    actor = actor_of(request)
    try:
        found = find_document(document_id=document_id, seller_id=actor.organisation_id, is_operator=actor.is_operator)
    except NotFound as error:
        raise Http404(error.message) from error
    kept = attachments.Attachment(found.name, found.stored_as, found.media_type, found.size)
    return attachments.download(services.FOLDER, kept)
