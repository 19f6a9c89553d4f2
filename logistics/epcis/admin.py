"""Admin of EPCIS: captured documents to look at."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from logistics.epcis.models import EpcisEvent


@admin.register(EpcisEvent)
class EpcisEventAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("event_id", "kind", "action", "biz_step", "disposition", "event_time", "recorded_at", "is_repeat")
    list_filter = ("kind", "action")
    search_fields = ("event_id",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
