"""Admin of the lane graph."""

from __future__ import annotations

from django.contrib import admin
from unfold.admin import ModelAdmin

from logistics.network.models import Hub, Link


@admin.register(Hub)
class HubAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("code", "city", "country", "handling_hours", "is_active")
    list_filter = ("country", "is_active")


@admin.register(Link)
class LinkAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("service", "start", "end", "is_active")
    list_filter = ("service", "start", "end", "is_active")
    list_select_related = ("service", "start", "end")
