"""The carriers' terms, and what is booked: to look at, and to have a refused call made again."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from core.admin import ReadOnlyAdmin
from core.clock import utc_now
from core.web.requests import actor_of
from logistics.pickups import services
from logistics.pickups.models import Pickup, PickupSchedule, PickupTerms


@admin.register(PickupTerms)
class PickupTermsAdmin(ModelAdmin):  # type: ignore[misc]
    """A carrier without a row takes no bookings of pickups."""

    list_display = (
        "carrier",
        "first_hour",
        "last_hour",
        "least_hours",
        "cutoff_hour",
        "cutoff_days_before",
        "weekdays",
    )


@admin.register(Pickup)
class PickupAdmin(ReadOnlyAdmin):
    list_display = ("number", "carrier", "day", "opens_at", "closes_at", "state", "call_error")
    list_filter = ("state", "carrier", "day")
    list_select_related = ("carrier",)
    search_fields = ("number", "carrier_reference")
    actions = ("call_again",)

    @admin.action(description=_("Tell the carrier again"), permissions=["view"])
    def call_again(self, request: HttpRequest, queryset: QuerySet[Pickup]) -> None:
        for pickup in queryset[:100]:
            services.retry_call(pickup_id=pickup.id, actor=actor_of(request), now=utc_now())


@admin.register(PickupSchedule)
class PickupScheduleAdmin(ReadOnlyAdmin):
    list_display = ("carrier", "weekdays", "opens", "closes", "started_at", "ended_at")
    list_filter = ("carrier",)
    list_select_related = ("carrier",)
