"""The inbox of provider events, read-only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from payments.webhooks.models import PspEvent


@admin.register(PspEvent)
class PspEventAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("event_id", "provider", "kind", "outcome", "received_at")
    list_filter = ("provider", "kind", "outcome")
    search_fields = ("=event_id",)
    fields = ("provider", "event_id", "kind", "outcome", "received_at", "body")

    def body(self, event: PspEvent) -> str:
        return bytes(event.raw).decode(errors="replace")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
