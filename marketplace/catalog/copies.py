"""Copies of listings."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from core.actor import Actor
from marketplace.catalog.models import Listing, ListingPhoto, Signals, Stock
from marketplace.catalog.revisions import revise
from marketplace.catalog.selectors import find_reduction, lock_own_listing

_COPIED: Final = (
    "seller_id", "category_id", "title", "description", "brand", "condition", "attributes", "price_minor", "currency",
    "min_quantity", "pack_size", "unit", "tiers", "safety", "marks", "weight_grams", "length_mm", "width_mm", "height_mm",
    "handling_days",
)  # fmt: skip


def duplicate_listing(*, listing_id: UUID, actor: Actor, now: datetime) -> Listing:
    """A draft that says what an own listing says, with its pictures and the price without a reduction; no stock, no numbers
    of its own (GTIN, SKU), and no variant. Locks the listing. Raises ListingNotFound."""
    with transaction.atomic():
        row = lock_own_listing(listing_id, actor)
        made = Listing(created_at=now, updated_at=now, **{name: getattr(row, name) for name in _COPIED})
        reduction = find_reduction(row.id)
        if reduction is not None:
            made.price_minor = reduction.regular_minor
        made.save(force_insert=True)
        Stock.objects.create(listing=made)
        Signals.objects.create(listing=made)
        copy_photos(row, made)
        revise(made, {"created": [None, made.title]}, actor=actor, now=now)
    return made


def copy_photos(row: Listing, made: Listing) -> None:
    """The pictures of one listing stand on another one too; their files are kept once."""
    ListingPhoto.objects.bulk_create(
        ListingPhoto(listing=made, position=p.position, name=p.name, width=p.width, height=p.height, alt=p.alt)
        for p in row.photos.all()
    )
