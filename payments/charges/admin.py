"""Charges for operators, read-only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from payments.charges.models import Charge, ChargeTransition


class TransitionInline(TabularInline):  # type: ignore[misc]
    model = ChargeTransition
    fields = ("at", "action", "from_state", "to_state", "actor", "reason")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Charge)
class ChargeAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("id", "state", "amount", "purchase_id", "buyer_id", "provider", "failure_code", "created_at")
    list_filter = ("state", "provider")
    search_fields = ("=id", "=purchase_id", "=buyer_id", "=provider_ref")
    inlines = (TransitionInline,)
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
