"""Refused signals in the admin."""

from __future__ import annotations

from django.contrib import admin

from analytics.signals.models import QuarantinedSignal
from core.admin import ReadOnlyAdmin


@admin.register(QuarantinedSignal)
class QuarantinedSignalAdmin(ReadOnlyAdmin):
    list_display = ("id", "reason", "received_at")
    list_filter = ("reason",)
