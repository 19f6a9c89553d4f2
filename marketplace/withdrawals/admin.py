"""Admin of withdrawals: to look at."""

from __future__ import annotations

from django.contrib import admin

from core.admin import ReadOnlyAdmin
from marketplace.sellers.admin import ReadOnlyInline
from marketplace.withdrawals.models import Withdrawal, WithdrawalLine


class WithdrawnInline(ReadOnlyInline):
    model = WithdrawalLine
    fields = ("line", "quantity", "cancelled")


@admin.register(Withdrawal)
class WithdrawalAdmin(ReadOnlyAdmin):
    list_display = ("number", "order", "stated_at", "opened", "settled_at")
    list_select_related = ("order", "opened")
    search_fields = ("number", "order__number", "=id")
    exclude = ("key",)
    inlines = (WithdrawnInline,)
