"""Small couriers, and where postcodes are."""

from __future__ import annotations

from django.contrib import admin
from unfold.admin import ModelAdmin

from logistics.rounds.models import Courier, PostcodePlace


@admin.register(Courier)
class CourierAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("carrier", "base", "first_hour", "last_hour", "couriers", "speed_kmh", "stop_minutes")


@admin.register(PostcodePlace)
class PostcodePlaceAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("country", "postcode", "latitude", "longitude")
    list_filter = ("country",)
    search_fields = ("postcode",)
