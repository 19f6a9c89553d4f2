"""The seller changes many listings at once: choose, try, do."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from core.clock import utc_now
from core.errors import DomainError
from core.money import Money
from core.web.actions import told
from core.web.money_format import format_money
from core.web.requests import actor_of, member_required
from marketplace.catalog.bulk import MAX_LISTINGS, BulkRow, change_listings
from marketplace.catalog.bulk_forms import BulkForm
from marketplace.catalog.selectors import find_own_listings, work_list_of
from marketplace.catalog.states import ListingState
from marketplace.catalog.views import state_label
from marketplace.sellers.selectors import find_seller


@member_required
@require_http_methods(["GET", "POST"])
def listing_changes(request: HttpRequest) -> HttpResponse:
    """GET: what was chosen and what to do with it. POST: what that would do; with `apply`, do it and say what became of each."""
    seller = find_seller(actor_of(request).organisation_id)
    if seller is None:
        return redirect("sell")
    chosen = _chosen(request, seller.pk)
    if not chosen:
        messages.error(request, _("Choose some listings first."))
        return redirect("listings")
    form = BulkForm(request.POST or None, currency=seller.currency)
    rows: list[tuple[BulkRow, str, str, str]] = []
    done = "apply" in request.POST
    if request.method == "POST" and form.is_valid():
        try:
            changed = change_listings(
                listing_ids=chosen, change=form.change(), is_trial=not done, actor=actor_of(request), now=utc_now()
            )
            rows = [(row, _shown(row.before), _shown(row.after), _refusal(row)) for row in changed]
        except DomainError as error:
            form.add_error(None, told(error))
    good = sum(not row.message for row, *_rest in rows)
    titles = find_own_listings(chosen, seller_id=seller.pk)
    context = {
        "form": form, "chosen": chosen, "titles": [row.full_title for row in titles.values()], "rows": rows, "done": done,
        "good": good, "refused": len(rows) - good, "heading": _heading(len(chosen)),
    }  # fmt: skip
    return render(request, "marketplace/listing_changes.html", context)


def _heading(count: int) -> str:
    return ngettext("Change %(n)s listing", "Change %(n)s listings", count) % {"n": count}


def _chosen(request: HttpRequest, seller_id: UUID) -> list[UUID]:
    """The ids that were ticked, or all that the list shows (`all`, with its filters)."""
    asked = request.POST if request.method == "POST" else request.GET
    if "all" in asked:
        found = work_list_of(seller_id, state=asked.get("state", ""), query=asked.get("q", "")[:100])
        return list(found.values_list("id", flat=True)[:MAX_LISTINGS])
    ids = []
    for text in asked.getlist("id")[:MAX_LISTINGS]:
        try:
            ids.append(UUID(text))
        except ValueError:
            continue
    return ids


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Money):
        return format_money(value)
    return state_label(value) if value in set(ListingState) else str(value)


def _refusal(row: BulkRow) -> str:
    return " ".join(_(part) for part in (row.message, row.remedy) if part)
