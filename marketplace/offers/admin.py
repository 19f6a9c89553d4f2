"""Admin of matches: the operator decides where sellers do not."""

from __future__ import annotations

from functools import partial

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.admin import ReadOnlyAdmin
from marketplace.offers.models import Match
from marketplace.offers.selectors import count_proposed
from marketplace.offers.services import decide_match
from marketplace.sellers.admin import ReasonForm, act_on_each


def proposed_badge(request: HttpRequest) -> str:
    """How many proposals wait, beside the menu entry."""
    return str(count_proposed())


@admin.register(Match)
class MatchAdmin(ReadOnlyAdmin):
    list_display = ("listing", "good", "reason", "state", "proposed_at", "decided_by")
    list_filter = ("state", "reason")
    list_select_related = ("listing", "good")
    search_fields = ("listing__title", "=listing__gtin")
    actions = ("accept", "decline")
    action_form = ReasonForm

    @admin.action(description=_("It is the same thing"), permissions=["view"])
    def accept(self, request: HttpRequest, queryset: QuerySet[Match]) -> None:
        act_on_each(self, request, queryset, partial(decide_match, accept=True), "match_id")

    @admin.action(description=_("It is something else"), permissions=["view"])
    def decline(self, request: HttpRequest, queryset: QuerySet[Match]) -> None:
        act_on_each(self, request, queryset, partial(decide_match, accept=False), "match_id")
