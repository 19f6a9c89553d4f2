"""Admin of tenders: to look at, and the rules for answers."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from core.admin import ReadOnlyAdmin
from core.clock import utc_now
from core.errors import DomainError
from core.web.actions import add_error
from core.web.requests import actor_of
from marketplace.sellers.admin import ReadOnlyInline
from marketplace.tenders import selectors, services
from marketplace.tenders.forms import BidPolicyForm
from marketplace.tenders.models import Bid, BidPolicy, Tender, TenderTransition


class BidInline(ReadOnlyInline):
    model = Bid
    fields = ("seller", "quote", "at")


class TransitionInline(ReadOnlyInline):
    model = TenderTransition
    fields = ("at", "action", "from_state", "to_state", "actor", "reason")


@admin.register(Tender)
class TenderAdmin(ReadOnlyAdmin):
    list_display = ("number", "title", "buyer", "category", "state", "quantity", "published_at", "deadline")
    list_filter = ("state",)
    list_select_related = ("buyer", "category")
    search_fields = ("number", "=id", "title", "buyer__name")
    inlines = (BidInline, TransitionInline)


@admin.register(BidPolicy)
class BidPolicyAdmin(ReadOnlyAdmin):
    """A new row replaces the one before; nothing is changed."""

    list_display = (
        "effective_at",
        "bids_per_month",
        "edits_per_bid",
        "reserved_hours",
        "top_rating_hundredths",
        "top_orders",
    )

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return actor_of(request).is_operator

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Set what sellers may do from now on, with a reason."""
        current = selectors.policy_at(utc_now())
        form = BidPolicyForm(
            request.POST or None, initial={name: getattr(current, name) for name in current.__dataclass_fields__}
        )  # fmt: skip
        if request.method == "POST" and form.is_valid():
            try:
                services.set_bid_policy(
                    values=form.values(), reason=form.cleaned_data["reason"], actor=actor_of(request), now=utc_now()
                )
                messages.success(request, _("In force from now on."))
                return redirect("admin:marketplace_bidpolicy_changelist")
            except DomainError as error:
                add_error(form, error)
        context = {**admin.site.each_context(request), "form": form, "opts": self.opts, "title": self.opts.verbose_name}
        return TemplateResponse(request, "marketplace/admin_bid_policy.html", context)
