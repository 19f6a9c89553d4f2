"""Payouts and their policies for operators; bank accounts are masked here too."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from core.clock import utc_now
from core.errors import DomainError
from core.web.actions import told
from core.web.requests import actor_of
from payments.contracts import HoldReason
from payments.payouts import services
from payments.payouts.models import Payout, PayoutHold, PayoutPolicy, PayoutSchedule
from payments.payouts.rules import mask_iban


@admin.register(Payout)
class PayoutAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("id", "seller_id", "amount", "state", "to", "failure_code", "requested_at", "paid_at")
    list_filter = ("state", "currency", "provider", "instant")
    search_fields = ("=id", "=seller_id", "=provider_ref")
    fields = (
        "id", "seller_id", "amount", "fee", "taken", "state", "to", "provider", "failure_code", "requested_at", "paid_at",
        "returned_at", "attempts",
    )  # fmt: skip

    @admin.display(description=_("to"))
    def to(self, payout: Payout) -> str:
        return mask_iban(payout.iban)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(PayoutPolicy)
class PayoutPolicyAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("currency", "minimum_minor", "schedule", "rail", "instant_basis_points", "cool_off_hours")
    list_filter = ("rail", "schedule")


@admin.register(PayoutSchedule)
class PayoutScheduleAdmin(ModelAdmin):  # type: ignore[misc]
    """What sellers chose; only they change it."""

    list_display = ("seller_id", "frequency", "weekday", "month_day", "currency", "changed_at")
    list_filter = ("frequency",)
    search_fields = ("=seller_id",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ActiveFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "active"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("on hold now")), ("no", _("lifted"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[PayoutHold]) -> QuerySet[PayoutHold]:
        if self.value() in {"yes", "no"}:
            return queryset.filter(lifted_at__isnull=self.value() == "yes")
        return queryset


@admin.register(PayoutHold)
class PayoutHoldAdmin(ModelAdmin):  # type: ignore[misc]
    """Adding a row places a hold; the action lifts it. The seller reads the note."""

    list_display = ("seller_id", "reason", "note", "placed_by", "placed_at", "lifted_by", "lifted_at")
    list_filter = (ActiveFilter, "reason")
    search_fields = ("=seller_id",)
    fields = ("seller_id", "reason", "note")
    actions = ("lift",)

    def save_model(self, request: HttpRequest, obj: PayoutHold, form: Any, change: bool) -> None:
        services.place_payout_hold(
            seller_id=obj.seller_id,
            reason=HoldReason(obj.reason),
            note=obj.note,
            actor=actor_of(request),
            now=utc_now(),
        )

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        messages.success(request, _("Payouts to this seller are on hold."))
        return redirect("admin:payments_payouthold_changelist")

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """The audit trail has it."""

    @admin.action(description=_("Lift the hold"))
    def lift(self, request: HttpRequest, queryset: QuerySet[PayoutHold]) -> None:
        for hold in queryset.filter(lifted_at=None)[:100]:
            try:
                services.lift_payout_hold(
                    seller_id=hold.seller_id, reason=HoldReason(hold.reason), actor=actor_of(request), now=utc_now()
                )
            except DomainError as error:
                messages.error(request, told(error))
        messages.success(request, _("Lifted."))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
