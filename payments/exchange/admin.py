"""Quotes, what an exchange costs, and the positions with their gain or loss."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from core.clock import utc_now
from core.money import sum_money
from payments.exchange.models import ExchangePolicy, ExchangeQuote
from payments.exchange.selectors import list_positions


@admin.register(ExchangeQuote)
class ExchangeQuoteAdmin(ModelAdmin):  # type: ignore[misc]
    list_display = ("id", "seller_id", "source", "target", "rate", "created_at", "expires_at", "used_at")
    list_filter = ("source_currency", "target_currency")
    search_fields = ("=id", "=seller_id")
    show_full_result_count = False
    change_list_template = "payments/admin_quotes.html"

    def get_urls(self) -> list[URLPattern]:
        mine = path("positions/", self.admin_site.admin_view(self.positions_page), name="payments_fx_positions")
        return [mine, *super().get_urls()]

    def positions_page(self, request: HttpRequest) -> HttpResponse:
        """What we hold in each currency and what it is worth: the sum is the gain or loss."""
        base = str(settings.LONJA["BASE_CURRENCY"])
        positions = list_positions(base, on=utc_now().date())
        valued = [position.value for position in positions if position.value is not None]
        context = {
            **self.admin_site.each_context(request), "title": _("Exchange positions"), "positions": positions,
            "base": base, "result": sum_money(valued, base), "opts": self.opts,
        }  # fmt: skip
        return TemplateResponse(request, "payments/admin_positions.html", context)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ExchangePolicy)
class ExchangePolicyAdmin(ModelAdmin):  # type: ignore[misc]
    """Quotes already given keep their rate."""

    list_display = ("__str__", "spread_basis_points", "quote_seconds")
