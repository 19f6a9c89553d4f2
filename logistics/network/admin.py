"""Admin of the lane graph; every change makes all processes read it anew."""

from __future__ import annotations

from django.contrib import admin

from logistics.network.models import Hub, Link
from logistics.rates.admin import ReloadingAdmin


@admin.register(Hub)
class HubAdmin(ReloadingAdmin):
    list_display = ("code", "city", "country", "handling_hours", "is_active")
    list_filter = ("country", "is_active")


@admin.register(Link)
class LinkAdmin(ReloadingAdmin):
    list_display = ("service", "start", "end", "is_active")
    list_filter = ("service", "start", "end", "is_active")
    list_select_related = ("service", "start", "end")
