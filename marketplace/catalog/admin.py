"""Admin of the catalogue: categories to edit, listings to look at, to block and to unblock with a reason."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from core.admin import ReadOnlyAdmin
from marketplace.catalog import services
from marketplace.catalog.models import Category, Listing, ListingRevision
from marketplace.sellers.admin import ReadOnlyInline, ReasonForm, act_on_each


@admin.register(Category)
class CategoryAdmin(ModelAdmin):  # type: ignore[misc]
    """Names, order and attributes may be changed; the code is what listings and the index refer to."""

    list_display = ("code", "name_en", "name_es", "parent", "hs_code", "needs_safety", "position")
    list_filter = ("parent",)
    list_select_related = ("parent",)
    search_fields = ("code", "name_en", "name_es")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("code",) if obj is not None else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class RevisionInline(ReadOnlyInline):
    model = ListingRevision
    fields = ("at", "version", "actor", "changes")


@admin.register(Listing)
class ListingAdmin(ReadOnlyAdmin):
    list_display = ("title", "seller", "category", "state", "price_shown", "available", "created_at")
    list_filter = ("state", "condition", "currency")
    list_select_related = ("seller", "category", "stock")
    search_fields = ("title", "=gtin", "=id", "seller__name")
    inlines = (RevisionInline,)
    actions = ("block", "unblock")
    action_form = ReasonForm

    @admin.display(description=_("price"), ordering="price_minor")
    def price_shown(self, listing: Listing) -> str:
        return str(listing.price)

    @admin.display(description=_("available"))
    def available(self, listing: Listing) -> int:
        return listing.stock.available

    @admin.action(description=_("Block (off sale)"), permissions=["view"])
    def block(self, request: HttpRequest, queryset: QuerySet[Listing]) -> None:
        act_on_each(self, request, queryset, services.block_listing, "listing_id")

    @admin.action(description=_("Lift the block"), permissions=["view"])
    def unblock(self, request: HttpRequest, queryset: QuerySet[Listing]) -> None:
        act_on_each(self, request, queryset, services.unblock_listing, "listing_id")
