"""Admin of price talks: to look at."""

from __future__ import annotations

from django.contrib import admin

from core.admin import ReadOnlyAdmin
from marketplace.quotes.models import Quote, QuoteOffer, QuoteTransition
from marketplace.sellers.admin import ReadOnlyInline


class OfferInline(ReadOnlyInline):
    model = QuoteOffer
    fields = ("position", "side", "quantity", "unit_price_minor", "shipping_minor", "currency", "valid_until", "at")


class TransitionInline(ReadOnlyInline):
    model = QuoteTransition
    fields = ("at", "action", "from_state", "to_state", "actor", "reason")


@admin.register(Quote)
class QuoteAdmin(ReadOnlyAdmin):
    list_display = ("number", "listing", "buyer", "seller", "state", "quantity", "requested_at", "expires_at")
    list_filter = ("state", "currency")
    list_select_related = ("listing", "buyer", "seller")
    search_fields = ("number", "=id", "seller__name", "buyer__name")
    inlines = (OfferInline, TransitionInline)
