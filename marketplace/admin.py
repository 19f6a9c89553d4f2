"""Loads the slices' admin classes, and gives their columns words."""

from django.contrib import admin

from marketplace.agreements import admin as agreements
from marketplace.approvals import admin as approvals
from marketplace.catalog import admin as catalog
from marketplace.headings import name_headings
from marketplace.messages import admin as messages
from marketplace.moderation import admin as moderation
from marketplace.offers import admin as offers
from marketplace.orders import admin as orders
from marketplace.promotions import admin as promotions
from marketplace.quotes import admin as quotes
from marketplace.recoveries import admin as recoveries
from marketplace.remedies import admin as remedies
from marketplace.returns import admin as returns
from marketplace.search import admin as search
from marketplace.sellers import admin as sellers
from marketplace.stock import admin as stock
from marketplace.tenders import admin as tenders
from marketplace.withdrawals import admin as withdrawals

__all__ = [
    "agreements", "approvals", "catalog", "messages", "moderation", "offers", "orders", "promotions", "quotes",
    "recoveries", "remedies", "returns", "search", "sellers", "stock", "tenders", "withdrawals",
]  # fmt: skip

name_headings(one for model, one in admin.site._registry.items() if model._meta.app_label == "marketplace")
