"""Admin of cartons: the platform's and sellers'."""

from __future__ import annotations

from django.contrib import admin
from unfold.admin import ModelAdmin

from logistics.packing.models import Carton


@admin.register(Carton)
class CartonAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("name", "seller_id", "length_mm", "width_mm", "height_mm", "most_grams")
