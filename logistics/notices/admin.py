"""Notices: to look at."""

from __future__ import annotations

from django.contrib import admin

from core.admin import ReadOnlyAdmin
from logistics.notices.models import Notice


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ("shipment", "stage", "side", "at", "made_at", "read_at", "mailed_at", "mail_attempts")
    list_filter = ("stage", "side")
    list_select_related = ("shipment",)
    search_fields = ("shipment__waybill",)
