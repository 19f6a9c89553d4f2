"""Admin of carriers and the simulated network."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from logistics.carriers.models import Carrier, CarrierBooking, CarrierHealth, SandboxParcel


@admin.register(Carrier)
class CarrierAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("code", "name", "gateway", "pushes_webhooks", "is_active")
    list_filter = ("is_active",)
    readonly_fields = ("code", "gateway")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(CarrierHealth)
class CarrierHealthAdmin(ModelAdmin):  # type: ignore[misc]
    """Budget and breaker; only the budget's size is the operator's to set."""

    list_display = (
        "carrier", "calls_left", "calls_per_minute", "calls", "failed_calls", "failures", "rest_until", "last_failure_at",
    )  # fmt: skip
    list_select_related = ("carrier",)
    fields = ("carrier", "calls_per_minute", "calls", "failed_calls", "failures", "rest_until", "last_failure_at")
    readonly_fields = ("carrier", "calls", "failed_calls", "failures", "rest_until", "last_failure_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description="calls left")
    def calls_left(self, row: CarrierHealth) -> int:
        return int(row.tokens) // 1000


@admin.register(CarrierBooking)
class CarrierBookingAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("number", "carrier", "identifier", "booked_at", "cancelled_at")
    list_filter = ("carrier",)
    list_select_related = ("carrier",)
    search_fields = ("number", "reference", "identifier")
    exclude = ("label",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

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
