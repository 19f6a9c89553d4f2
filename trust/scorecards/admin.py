"""Admin of scorecards: to look."""

from __future__ import annotations

from django.contrib import admin

from core.admin import ReadOnlyAdmin
from trust.scorecards.models import OrderFact, Scorecard


@admin.register(Scorecard)
class ScorecardAdmin(ReadOnlyAdmin):
    list_display = ("seller_id", "rating_hundredths", "rating_count", "orders_count", "promise_kept_bp", "on_time_bp",
                    "dispute_rate_bp", "cancel_rate_bp", "computed_at")  # fmt: skip
    search_fields = ("seller_id",)


@admin.register(OrderFact)
class OrderFactAdmin(ReadOnlyAdmin):
    list_display = ("order_number", "kind", "seller_id", "at")
    list_filter = ("kind",)
    search_fields = ("order_number", "seller_id")
