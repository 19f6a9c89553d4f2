"""Admin of returns: to look at; the house's policies are data."""

from __future__ import annotations

from django.contrib import admin
from unfold.admin import ModelAdmin

from core.admin import ReadOnlyAdmin
from marketplace.returns.models import Return, ReturnLine, ReturnPolicy, ReturnTransition
from marketplace.sellers.admin import ReadOnlyInline


class LineInline(ReadOnlyInline):
    model = ReturnLine
    fields = ("line", "quantity", "reason", "accepted", "disposition", "deduction_minor")


class TransitionInline(ReadOnlyInline):
    model = ReturnTransition
    fields = ("at", "from_state", "to_state", "actor", "reason")


@admin.register(Return)
class ReturnAdmin(ReadOnlyAdmin):
    list_display = ("number", "order", "state", "wish", "payer", "refunded", "requested_at", "due_at")
    list_filter = ("state", "wish", "payer")
    list_select_related = ("order",)
    search_fields = ("number", "order__number", "=id")
    inlines = (LineInline, TransitionInline)


@admin.register(ReturnPolicy)
class ReturnPolicyAdmin(ModelAdmin):  # type: ignore[misc]
    """For returns asked for from now on. A row without a seller is the house's."""

    list_display = ("__str__", "window_days", "buyer_pays", "final_sale")
    list_select_related = ("seller",)
    autocomplete_fields = ("seller",)
