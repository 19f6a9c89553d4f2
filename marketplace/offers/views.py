"""The seller's page of what other shops may offer too."""

from __future__ import annotations

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from core.clock import utc_now
from core.web.actions import attempt
from core.web.requests import actor_of, member_required
from marketplace.offers.selectors import matches_of
from marketplace.offers.services import decide_match

PAGE_SIZE = 25


@member_required
@require_GET
def matches(request: HttpRequest) -> HttpResponse:
    """Proposals about the seller's own listings."""
    found = matches_of(actor_of(request).organisation_id)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "marketplace/matches.html", {"page_obj": page})


@member_required
@require_POST
def match_decision(request: HttpRequest, match_id: UUID) -> HttpResponse:
    """It is the same thing, or it is not."""
    actor, accept = actor_of(request), request.POST.get("accept") == "1"
    attempt(
        request, lambda: decide_match(match_id=match_id, accept=accept, actor=actor, now=utc_now()),
        done=_("Your offer stands beside the others now.") if accept else _("Your listing stands for itself."),
    )  # fmt: skip
    return redirect("matches")
