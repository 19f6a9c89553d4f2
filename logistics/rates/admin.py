"""Admin of services, rate sheets, holidays and conversions; every change makes all processes reload their table."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from logistics.rates.models import Conversion, HandlingRule, Holiday, Rate, RateSheet, RateStep, Service, Zone
from logistics.rates.services import bump_revision


class ReloadingAdmin(ModelAdmin):  # type: ignore[misc]
    """Saving or deleting bumps the revision of the rate sheets."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        bump_revision()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        bump_revision()

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        super().delete_queryset(request, queryset)
        bump_revision()


class RateStepInline(TabularInline):  # type: ignore[misc]
    model = RateStep
    extra = 0


@admin.register(Service)
class ServiceAdmin(ReloadingAdmin):
    list_display = ("code", "name", "carrier", "delivery_kind", "max_weight_grams", "cutoff_hour", "is_active")
    list_filter = ("carrier", "is_active")
    list_select_related = ("carrier",)
    readonly_fields = ("code",)


@admin.register(RateSheet)
class RateSheetAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("version", "published_at", "note", "revision")
    readonly_fields = ("revision",)


@admin.register(Rate)
class RateAdmin(ReloadingAdmin):
    list_display = ("service", "sheet", "origin_zone", "destination_zone", "p10_days", "p50_days", "p90_days")
    list_filter = ("sheet", "service", "origin_zone", "destination_zone")
    list_select_related = ("service", "sheet")
    inlines = (RateStepInline,)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        bump_revision()


@admin.register(HandlingRule)
class HandlingRuleAdmin(ReloadingAdmin):
    list_display = ("mark", "carrier", "service", "country", "is_taken", "most_days")
    list_filter = ("mark", "is_taken", "carrier")
    list_select_related = ("carrier", "service")


@admin.register(Holiday)
class HolidayAdmin(ReloadingAdmin):
    list_display = ("country", "year", "month", "day", "name")
    list_filter = ("country",)


@admin.register(Zone)
class ZoneAdmin(ReloadingAdmin):
    list_display = ("country", "zone", "time_zone")


@admin.register(Conversion)
class ConversionAdmin(ReloadingAdmin):
    list_display = ("base", "currency", "millionths")
