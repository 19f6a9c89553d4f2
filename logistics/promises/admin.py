"""Admin of promise models: their figures, and which one is in force; and what a broken promise gives back."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from core.clock import utc_now
from core.web.requests import actor_of
from logistics.promises import services
from logistics.promises.models import PromiseVersion, RemedyStep


@admin.register(PromiseVersion)
class PromiseVersionAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("code", "trained_at", "trained_on", "figures", "is_active")
    fields = readonly_fields = ("code", "trained_at", "trained_on", "quantile_bps", "figures", "is_active")
    actions = ("activate", "retire")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.action(description="Put in force (from the next refresh on)", permissions=["view"])
    def activate(self, request: HttpRequest, queryset: Any) -> None:
        versions = list(queryset[:2])
        if len(versions) != 1:
            self.message_user(request, "Choose one version.", messages.ERROR)
            return
        services.activate_version(code=versions[0].code, actor=actor_of(request), now=utc_now())

    @admin.action(description="Let rate sheets promise again", permissions=["view"])
    def retire(self, request: HttpRequest, queryset: Any) -> None:
        services.retire_promise(actor=actor_of(request), now=utc_now())


@admin.register(RemedyStep)
class RemedyStepAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("days_late", "refund_bps")
