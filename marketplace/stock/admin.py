"""Admin of stock by place: to look."""

from __future__ import annotations

from django.contrib import admin

from core.admin import ReadOnlyAdmin
from marketplace.stock.models import StockLocation, StockMovement


@admin.register(StockLocation)
class StockLocationAdmin(ReadOnlyAdmin):
    list_display = ("label", "seller", "city", "handling_days", "closed_at")
    list_select_related = ("seller",)
    search_fields = ("label", "seller__name")


@admin.register(StockMovement)
class StockMovementAdmin(ReadOnlyAdmin):
    list_display = ("at", "listing", "location", "kind", "delta", "left", "reason", "actor")
    list_filter = ("kind",)
    list_select_related = ("listing", "location")
    search_fields = ("=order_id", "listing__title")
