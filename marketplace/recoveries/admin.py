"""Admin of recoveries: to look at."""

from __future__ import annotations

from django.contrib import admin

from core.admin import ReadOnlyAdmin
from marketplace.recoveries.models import Recovery


@admin.register(Recovery)
class RecoveryAdmin(ReadOnlyAdmin):
    list_display = ("claim_number", "order", "amount", "adjustment_id", "at")
    list_select_related = ("order",)
    search_fields = ("claim_number", "order__number", "=claim_id")
