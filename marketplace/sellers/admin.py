"""Admin of sellers: to look, to suspend and to reinstate with a reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.forms import ActionForm
from unfold.widgets import UnfoldAdminTextInputWidget

from core.admin import ReadOnlyAdmin
from core.clock import utc_now
from core.errors import DomainError
from core.web.actions import told
from core.web.requests import actor_of
from marketplace.sellers import services
from marketplace.sellers.models import Seller, SellerTransition

MAX_AT_ONCE = 100


class ReasonForm(ActionForm):  # type: ignore[misc]
    """The reason an operator gives stands beside the action."""

    reason = forms.CharField(
        label="", required=False, max_length=500,
        widget=UnfoldAdminTextInputWidget({"placeholder": _("Reason"), "aria-label": _("Reason")}),
    )  # fmt: skip


class ReadOnlyInline(TabularInline):  # type: ignore[misc]
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def act_on_each(page: Any, request: HttpRequest, rows: QuerySet[Any], act: Callable[..., object], name: str) -> None:
    """Run a named service on each chosen row with the typed reason; refusals are told row by row."""
    actor, now, done = actor_of(request), utc_now(), 0
    reason = request.POST.get("reason", "").strip()
    for row in rows[:MAX_AT_ONCE]:
        try:
            act(**{name: row.pk}, reason=reason, actor=actor, now=now)
            done += 1
        except DomainError as error:
            page.message_user(request, f"{row}: {told(error)}", messages.ERROR)
    if done:
        page.message_user(request, _("%(n)s done.") % {"n": done}, messages.SUCCESS)


class TransitionInline(ReadOnlyInline):
    model = SellerTransition
    fields = ("at", "from_state", "to_state", "actor", "reason")


@admin.register(Seller)
class SellerAdmin(ReadOnlyAdmin):
    list_display = ("name", "state", "country", "legal_name", "rating", "orders", "submitted_at", "opened_at")
    list_filter = ("state", "country", "kind")
    list_select_related = ("standing",)
    search_fields = ("name", "legal_name", "slug", "registration_number")
    inlines = (TransitionInline,)
    actions = ("suspend", "reinstate")
    action_form = ReasonForm

    @admin.display(description=_("rating"), ordering="standing__rating_hundredths")
    def rating(self, seller: Seller) -> str:
        return f"{seller.rating_stars:.1f} ({seller.standing.rating_count})" if seller.standing.rating_count else "—"

    @admin.display(description=_("orders"), ordering="standing__orders_count")
    def orders(self, seller: Seller) -> int:
        return seller.standing.orders_count

    @admin.action(description=_("Suspend (closes the shop)"), permissions=["view"])
    def suspend(self, request: HttpRequest, queryset: QuerySet[Seller]) -> None:
        act_on_each(self, request, queryset, services.suspend_seller, "seller_id")

    @admin.action(description=_("Reinstate"), permissions=["view"])
    def reinstate(self, request: HttpRequest, queryset: QuerySet[Seller]) -> None:
        act_on_each(self, request, queryset, services.reinstate_seller, "seller_id")
