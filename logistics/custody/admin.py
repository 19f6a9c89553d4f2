"""Admin of custody: to look at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from logistics.custody.models import Bag, Custody


class LookOnly(ModelAdmin):  # type: ignore[misc]
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Custody)
class CustodyAdmin(LookOnly):
    list_display = ("parcel", "number", "giver", "holder", "basis", "since", "recorded_at")
    list_filter = ("basis",)
    list_select_related = ("parcel",)
    search_fields = ("parcel__sscc", "parcel__shipment__waybill")


@admin.register(Bag)
class BagAdmin(LookOnly):
    list_display = ("sscc", "holder", "closed_at", "opened_at")
    search_fields = ("sscc",)
