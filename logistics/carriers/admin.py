"""Admin of carriers and the simulated network."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from logistics.carriers.models import Carrier, SandboxParcel


@admin.register(Carrier)
class CarrierAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("code", "name", "gateway", "pushes_webhooks", "is_active")
    list_filter = ("is_active",)
    readonly_fields = ("code", "gateway")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(SandboxParcel)
class SandboxParcelAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("number", "carrier_code", "service_code", "destination_country", "accepted_at", "voided_at")
    list_filter = ("carrier_code",)
    search_fields = ("number", "reference")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
