"""Admin of tracking: history and inbox to read, unknown codes to map."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.forms import ActionForm
from unfold.widgets import UnfoldAdminTextInputWidget

from core.clock import utc_now
from core.errors import DomainError
from core.web.actions import told
from core.web.requests import actor_of
from logistics.contracts import TrackingStatus
from logistics.tracking import services
from logistics.tracking.models import CodeMapping, TrackingEvent, WebhookMessage


class ReadOnlyAdmin(ModelAdmin):  # type: ignore[misc]
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReasonForm(ActionForm):  # type: ignore[misc]
    """The reason an operator gives stands beside the action."""

    reason = forms.CharField(
        label="", required=False, max_length=120,
        widget=UnfoldAdminTextInputWidget({"placeholder": _("Reason"), "aria-label": _("Reason")}),
    )  # fmt: skip


@admin.register(TrackingEvent)
class TrackingEventAdmin(ReadOnlyAdmin):
    list_display = ("shipment", "occurred_at", "status", "raw_code", "raw_text", "place", "source", "received_at")
    list_filter = ("status", "carrier_code", "source")
    list_select_related = ("shipment",)
    search_fields = ("shipment__waybill", "shipment__carrier_number", "carrier_event_id")
    actions = ("take_back",)
    action_form = ReasonForm

    @admin.action(description=_("Take these events back (nothing is deleted)"), permissions=["view"])
    def take_back(self, request: HttpRequest, queryset: QuerySet[TrackingEvent]) -> None:
        """Add a correcting event for each; the parcel's state follows."""
        for event in queryset[:100]:
            try:
                services.correct_event(
                    shipment_id=event.shipment_id, event_id=event.carrier_event_id, actor=actor_of(request),
                    reason=request.POST.get("reason", ""), now=utc_now(),
                )  # fmt: skip
            except DomainError as error:
                self.message_user(request, f"{event.carrier_event_id}: {told(error)}", messages.ERROR)


@admin.register(WebhookMessage)
class WebhookMessageAdmin(ReadOnlyAdmin):
    list_display = ("id", "carrier_code", "received_at", "processed_at", "attempts", "error")
    list_filter = ("carrier_code",)


@admin.register(CodeMapping)
class CodeMappingAdmin(ModelAdmin):  # type: ignore[misc]
    """Unknown carrier codes: choose a status and save; parcels with the code follow."""

    list_display = ("carrier_code", "raw_code", "sample_text", "status", "first_seen_at", "mapped_by")
    list_filter = ("carrier_code", "status")
    readonly_fields = ("carrier_code", "raw_code", "sample_text", "first_seen_at", "mapped_at", "mapped_by")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not obj.status or obj.status == TrackingStatus.UNKNOWN:
            self.message_user(request, "Choose what the code means.", messages.ERROR)
            return
        services.map_code(mapping_id=obj.id, status=TrackingStatus(obj.status), actor=actor_of(request), now=utc_now())
