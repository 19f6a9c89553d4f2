"""Admin of approvals: to look at."""

from __future__ import annotations

from django.contrib import admin

from core.admin import ReadOnlyAdmin
from marketplace.approvals.models import PurchaseApproval


@admin.register(PurchaseApproval)
class PurchaseApprovalAdmin(ReadOnlyAdmin):
    list_display = ("purchase", "state", "asked_name", "asked_at", "decided_name", "decided_at")
    list_filter = ("state",)
    list_select_related = ("purchase",)
    search_fields = ("purchase__number",)
