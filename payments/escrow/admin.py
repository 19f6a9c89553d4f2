"""Escrows, refunds and policies for operators. Money moves by the dispute's decision, never by editing a row."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from core.clock import utc_now
from payments.contracts import EscrowState
from payments.escrow.models import (
    CommissionPlan,
    Escrow,
    EscrowEvent,
    EscrowTimer,
    InspectionPolicy,
    Refund,
)


class ReadOnlyEscrowAdmin(ModelAdmin):  # type: ignore[misc]
    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class EventInline(TabularInline):  # type: ignore[misc]
    model = EscrowEvent
    fields = ("seq", "at", "event", "from_state", "to_state", "actor_ref", "reason", "released_minor", "refunded_minor")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class AttentionFilter(admin.SimpleListFilter):
    """Frozen by a dispute, or with a clock that should have fired."""

    title = _("attention")
    parameter_name = "attention"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("frozen", _("frozen")), ("overdue", _("overdue"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Escrow]) -> QuerySet[Escrow]:
        if self.value() == "frozen":
            return queryset.filter(state=EscrowState.DISPUTED.value)
        if self.value() == "overdue":
            late = EscrowTimer.objects.filter(done_at=None, due_at__lt=utc_now(), armed_seq=F("escrow__seq"))
            return queryset.filter(id__in=late.values("escrow_id"))
        return queryset


@admin.register(Escrow)
class EscrowAdmin(ReadOnlyEscrowAdmin):
    list_display = ("order_id", "state", "amount", "held", "seller_id", "buyer_id", "created_at")
    list_filter = ("state", AttentionFilter, "currency")
    search_fields = ("=order_id", "=seller_id", "=buyer_id", "=purchase_id", "=charge_id")
    inlines = (EventInline,)
    show_full_result_count = False


@admin.register(Refund)
class RefundAdmin(ReadOnlyEscrowAdmin):
    list_display = ("id", "order_id", "amount", "state", "attempts", "last_error", "created_at", "done_at")
    list_filter = ("state",)
    search_fields = ("=id", "=order_id", "=charge_id")


@admin.register(CommissionPlan)
class CommissionPlanAdmin(ModelAdmin):  # type: ignore[misc]
    """Changes count for orders opened from now on; what was quoted stays."""

    list_display = ("__str__", "basis_points", "fixed_minor", "fixed_currency")


@admin.register(InspectionPolicy)
class InspectionPolicyAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("delivery_kind", "days")
