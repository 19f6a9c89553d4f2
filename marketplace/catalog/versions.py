"""Versions of a listing: what changed, and an old one written anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from core.actor import Actor
from core.errors import NotFound
from marketplace.catalog.models import Listing
from marketplace.catalog.selectors import get_own_listing, revisions_after
from marketplace.catalog.services import input_of, update_listing
from marketplace.contracts import ProductSafety

RESTORED: Final = (
    "title", "description", "brand", "gtin", "sku", "condition", "attributes", "category_id", "weight_grams", "length_mm",
    "width_mm", "height_mm", "handling_days", "safety",
)  # fmt: skip
"""What an old version brings back. Prices, stock, pictures and state stay: they have rules and pages of their own."""


def values_of_version(current: Mapping[str, Any], later: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """`current` with `later` changes (newest first) undone."""
    values = dict(current)
    for changes in later:
        values |= {name: changes[name][0] for name in RESTORED if name in changes}
    return values


def restore_version(*, listing_id: UUID, version: int, actor: Actor, now: datetime) -> Listing:
    """Make an own listing say again what it said in `version`; that is a new version. Locks product, listing, variants.

    Raises ListingNotFound, NotFound (no such version) and what update_listing does: what the rules refuse today is refused.
    """
    with transaction.atomic():
        row = get_own_listing(listing_id=listing_id, seller_id=actor.organisation_id)
        if not 1 <= version < row.version:
            raise NotFound("There is no such version.")
        values = values_of_version({name: getattr(row, name) for name in RESTORED}, revisions_after(row.id, version))
        safety, category = ProductSafety(**values.pop("safety")), values.pop("category_id")
        old = replace(input_of(row), category_code=category, safety=safety, **values)
        return update_listing(listing_id=listing_id, listing=old, actor=actor, now=now)
