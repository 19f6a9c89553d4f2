"""Saved methods for operators, read-only; tokens are not shown."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from payments.wallet.models import SavedMethod


@admin.register(SavedMethod)
class SavedMethodAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("id", "buyer_id", "provider", "brand", "last4", "is_default", "kept_at", "forgotten_at")
    list_filter = ("provider", "brand")
    search_fields = ("=id", "=buyer_id", "=charge_id")
    fields = (
        "id", "buyer_id", "provider", "brand", "last4", "exp_month", "exp_year", "is_default", "charge_id", "kept_at",
        "last_used_at", "forgotten_at", "forget_at", "forget_attempts",
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
