"""Reserves for operators: policies are edited, holds are only read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from payments.reserves.models import ReserveHold, ReservePolicy


@admin.register(ReservePolicy)
class ReservePolicyAdmin(ModelAdmin):  # type: ignore[misc]
    """Changes count for releases from now on."""

    list_display = ("__str__", "basis_points", "days", "debt_limit_minor", "reason")
    search_fields = ("=seller_id",)


@admin.register(ReserveHold)
class ReserveHoldAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("seller_id", "order_id", "left", "release_at", "released_at")
    list_filter = ("currency", ("released_at", admin.EmptyFieldListFilter))
    search_fields = ("=seller_id", "=order_id")
    date_hierarchy = "release_at"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
