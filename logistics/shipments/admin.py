"""Admin of shipments: to look, to have a carrier called again, and to cancel."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from core.clock import utc_now
from core.errors import DomainError
from core.web.requests import actor_of
from logistics.shipments import services
from logistics.shipments.models import Parcel, Promise, Shipment, ShipmentLeg, ShipmentTransition


class ReadOnlyInline(TabularInline):  # type: ignore[misc]
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ParcelInline(ReadOnlyInline):
    model = Parcel


class LegInline(ReadOnlyInline):
    model = ShipmentLeg
    fields = (
        "number",
        "carrier",
        "service",
        "start",
        "end",
        "carrier_number",
        "booked_at",
        "announced_at",
        "attempts",
        "error",
        "replaced_at",
    )


class PromiseInline(ReadOnlyInline):
    model = Promise


class TransitionInline(ReadOnlyInline):
    model = ShipmentTransition


@admin.register(Shipment)
class ShipmentAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = (
        "waybill",
        "carrier",
        "service",
        "state",
        "tracking_status",
        "booked_at",
        "kept_promise",
        "call_error",
    )
    list_filter = ("state", "tracking_status", "carrier", "kept_promise")
    list_select_related = ("carrier", "service")
    search_fields = ("waybill", "carrier_number", "reference", "order_id")
    inlines = (ParcelInline, LegInline, PromiseInline, TransitionInline)
    actions = ("retry_carrier_call", "cancel_shipments")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.action(description="Call the carrier again", permissions=["view"])
    def retry_carrier_call(self, request: HttpRequest, queryset: Any) -> None:
        for shipment in queryset[:100]:
            try:
                services.retry_call(shipment_id=shipment.id, actor=actor_of(request), now=utc_now())
            except DomainError as error:
                self.message_user(request, f"{shipment}: {error.message}", messages.ERROR)

    @admin.action(description="Cancel (label void)", permissions=["view"])
    def cancel_shipments(self, request: HttpRequest, queryset: Any) -> None:
        for shipment in queryset[:100]:
            try:
                services.cancel_shipment(
                    shipment_id=shipment.id, actor=actor_of(request), reason="cancelled by the operator", now=utc_now()
                )
            except DomainError as error:
                self.message_user(request, f"{shipment}: {error.message}", messages.ERROR)
