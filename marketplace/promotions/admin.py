"""Admin of codes: to look."""

from __future__ import annotations

from django.contrib import admin

from core.admin import ReadOnlyAdmin
from marketplace.promotions.models import Promotion, Redemption
from marketplace.sellers.admin import ReadOnlyInline


class RedemptionInline(ReadOnlyInline):
    model = Redemption
    fields = ("at", "buyer", "purchase_id", "given_back_at")


@admin.register(Promotion)
class PromotionAdmin(ReadOnlyAdmin):
    list_display = ("code", "seller", "kind", "percent", "starts_at", "ends_at", "stopped_at")
    list_filter = ("kind",)
    list_select_related = ("seller",)
    search_fields = ("code", "seller__name")
    inlines = (RedemptionInline,)
