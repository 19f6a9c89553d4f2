"""Loads the slices' admin classes."""

from marketplace.agreements import admin as agreements
from marketplace.catalog import admin as catalog
from marketplace.offers import admin as offers
from marketplace.orders import admin as orders
from marketplace.promotions import admin as promotions
from marketplace.recoveries import admin as recoveries
from marketplace.remedies import admin as remedies
from marketplace.returns import admin as returns
from marketplace.search import admin as search
from marketplace.sellers import admin as sellers

__all__ = [
    "agreements", "catalog", "offers", "orders", "promotions", "recoveries", "remedies", "returns", "search", "sellers",
]  # fmt: skip
