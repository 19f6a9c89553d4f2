"""Escrows, refunds and policies for operators. Money moves by the dispute's decision, never by editing a row."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from core.clock import utc_now
from core.ids import order_number
from payments.contracts import EscrowState
from payments.escrow.models import (
    CommissionPlan,
    Escrow,
    EscrowClockPolicy,
    EscrowEvent,
    EscrowTimer,
    InspectionPolicy,
    Milestone,
)
from payments.escrow.states import DECISION_DUE


class ReadOnlyEscrowAdmin(ModelAdmin):  # type: ignore[misc]
    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyInline(TabularInline):  # type: ignore[misc]
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class EventInline(ReadOnlyInline):
    model = EscrowEvent
    fields = (
        "seq", "at", "event", "from_state", "to_state", "actor_ref", "reason", "released_minor", "refunded_minor",
        "disputed_minor", "charged_back_minor",
    )  # fmt: skip


class TimerInline(ReadOnlyInline):
    """Clocks, also those that were disarmed by a later step."""

    model = EscrowTimer
    fields = ("event", "armed_seq", "due_at", "done_at", "attempts", "last_error")


class AttentionFilter(admin.SimpleListFilter):
    """Frozen by a dispute or a bank, soon decided by nobody, or with a clock that should have fired."""

    title = _("attention")
    parameter_name = "attention"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("frozen", _("frozen")), ("bank", _("at the buyer's bank")), ("deadline", _("to decide within 3 days")),
            ("overdue", _("overdue")),
        ]  # fmt: skip

    def queryset(self, request: HttpRequest, queryset: QuerySet[Escrow]) -> QuerySet[Escrow]:
        if self.value() == "frozen":
            return queryset.filter(state=EscrowState.DISPUTED.value)
        if self.value() == "bank":
            return queryset.filter(charged_back_minor__gt=0)
        running = EscrowTimer.objects.filter(done_at=None, armed_seq=F("escrow__seq"))
        if self.value() == "deadline":
            soon = running.filter(event=DECISION_DUE, due_at__lt=utc_now() + timedelta(days=3))
            return queryset.filter(id__in=soon.values("escrow_id"))
        if self.value() == "overdue":
            late = running.filter(due_at__lt=utc_now() - timedelta(minutes=5))
            return queryset.filter(id__in=late.values("escrow_id"))
        return queryset


@admin.register(Escrow)
class EscrowAdmin(ReadOnlyEscrowAdmin):
    list_display = ("number", "order_id", "state", "amount", "held", "frozen", "seller_id", "buyer_id", "created_at")
    list_filter = ("state", AttentionFilter, "currency")
    search_fields = ("=order_id", "=seller_id", "=buyer_id", "=purchase_id", "=charge_id", "=milestone_of")
    search_help_text = _("Id of an order, seller, buyer, purchase or charge")
    inlines = (EventInline, TimerInline)
    show_full_result_count = False

    @admin.display(description=_("order"))
    def number(self, escrow: Escrow) -> str:
        return order_number(escrow.order_id)


@admin.register(CommissionPlan)
class CommissionPlanAdmin(ModelAdmin):  # type: ignore[misc]
    """Changes count for orders opened from now on; what was quoted stays."""

    list_display = (
        "__str__", "basis_points", "tiers", "per_unit_minor", "fixed_minor", "fixed_currency", "vat_basis_points"
    )  # fmt: skip


@admin.register(InspectionPolicy)
class InspectionPolicyAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("delivery_kind", "days")


@admin.register(EscrowClockPolicy)
class EscrowClockPolicyAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("code", "days")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Milestone)
class MilestoneAdmin(ReadOnlyEscrowAdmin):
    list_display = ("name", "order_id", "position", "amount", "trigger", "proven_at")
    search_fields = ("=order_id", "=id", "=seller_id", "=buyer_id")
