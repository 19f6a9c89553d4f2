"""Admin of purchases and orders: to look at. What happens to them happens by named services."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.admin import ReadOnlyAdmin
from marketplace.orders.models import Order, OrderLine, OrderTransition, Purchase
from marketplace.sellers.admin import ReadOnlyInline


class OrderInline(ReadOnlyInline):
    model = Order
    fields = ("number", "seller", "state", "total_minor", "currency", "ship_by")
    show_change_link = True


class LineInline(ReadOnlyInline):
    model = OrderLine
    fields = ("title", "quantity", "unit_price_minor", "currency", "category_code")


class TransitionInline(ReadOnlyInline):
    model = OrderTransition
    fields = ("at", "action", "from_state", "to_state", "actor", "reason")


@admin.register(Purchase)
class PurchaseAdmin(ReadOnlyAdmin):
    list_display = ("number", "buyer", "total_shown", "placed_at", "paid_at", "closed_at")
    list_filter = ("currency",)
    list_select_related = ("buyer",)
    search_fields = ("number", "=id", "=charge_id")
    exclude = ("key", "fingerprint")
    inlines = (OrderInline,)

    @admin.display(description=_("total"), ordering="total_minor")
    def total_shown(self, purchase: Purchase) -> str:
        return str(purchase.total)


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    list_display = ("number", "buyer", "seller", "state", "total_shown", "placed_at", "ship_by", "promised_latest")
    list_filter = ("state", "currency")
    list_select_related = ("buyer", "seller")
    search_fields = ("number", "=id", "seller__name")
    inlines = (LineInline, TransitionInline)

    @admin.display(description=_("total"), ordering="total_minor")
    def total_shown(self, order: Order) -> str:
        return str(order.total)
