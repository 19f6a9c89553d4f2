"""Payouts and their policies for operators; bank accounts are masked here too."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from payments.payouts.models import Payout, PayoutPolicy
from payments.payouts.rules import mask_iban


@admin.register(Payout)
class PayoutAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("id", "seller_id", "amount", "state", "to", "failure_code", "requested_at", "paid_at")
    list_filter = ("state", "currency")
    search_fields = ("=id", "=seller_id", "=provider_ref")
    fields = ("id", "seller_id", "amount", "state", "to", "failure_code", "requested_at", "paid_at", "attempts")

    @admin.display(description=_("to"))
    def to(self, payout: Payout) -> str:
        return mask_iban(payout.iban)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(PayoutPolicy)
class PayoutPolicyAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("currency", "minimum_minor", "schedule")
