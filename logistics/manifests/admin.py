"""Manifests: to look at."""

from __future__ import annotations

from django.contrib import admin

from core.admin import ReadOnlyAdmin
from logistics.manifests.models import Manifest


@admin.register(Manifest)
class ManifestAdmin(ReadOnlyAdmin):
    list_display = ("number", "carrier", "state", "shipments", "parcels", "weight_grams", "made_at", "closed_at")
    list_filter = ("state", "carrier")
    list_select_related = ("carrier",)
    search_fields = ("number",)
