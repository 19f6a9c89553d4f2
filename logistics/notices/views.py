"""What happened to your parcels, and what you want to be told of."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.clock import utc_now
from core.web.requests import actor_of, member_required
from logistics.notices import selectors, services
from logistics.notices.selectors import Choice
from logistics.notices.words import SIDES, TITLES, tell

PAGE_SIZE = 25


def notice_badge(request: HttpRequest) -> dict[str, Any]:
    """For the shell: how many notices are new."""
    organisation_id = getattr(getattr(request, "actor", None), "organisation_id", None)
    return {"notice_count": selectors.count_unread(organisation_id) if organisation_id else 0}


@member_required
@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """Newest first; what is shown counts as seen from then on."""
    page = Paginator(selectors.list_notices(actor_of(request)), PAGE_SIZE).get_page(request.GET.get("page"))
    windows = selectors.loss_windows(page)
    rows = [{"notice": row, "told": tell(row, windows=windows), "is_new": row.read_at is None} for row in page]
    services.mark_read(notices=page, now=utc_now())
    return render(request, "logistics/notices.html", {"page_obj": page, "rows": rows})


@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def notice_preferences(request: HttpRequest) -> HttpResponse:
    """One row for each stage and side: by e-mail, in the app, both or neither."""
    user_id = actor_of(request).user_id
    assert user_id is not None, "members are people"
    choices = selectors.list_choices(user_id)
    if request.method == "POST":
        ticked = set(request.POST.getlist("mail")), set(request.POST.getlist("app"))
        wanted = [Choice(one.side, one.stage, *(_key(one) in on for on in ticked)) for one in choices]
        services.choose(user_id=user_id, choices=wanted)
        messages.success(request, _("Saved."))
        return redirect("logistics:notice_preferences")
    groups = [
        (words, [(_key(one), TITLES[one.stage], one) for one in choices if one.side is side])
        for side, words in SIDES.items()
    ]
    return render(request, "logistics/notice_preferences.html", {"groups": groups})


def _key(choice: Choice) -> str:
    return f"{choice.side.value}-{choice.stage.value}"
