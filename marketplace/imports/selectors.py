"""Reads of imports."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.db.models import QuerySet

from core.errors import NotFound
from marketplace.catalog.models import Listing
from marketplace.imports.models import ImportedListing, ListingImport
from marketplace.imports.rules import COLUMNS, SAFETY, steps_of
from marketplace.imports.states import ImportState


def imports_of(seller_id: UUID) -> QuerySet[ListingImport]:
    """A seller's imports, newest first, without their files; page it."""
    return ListingImport.objects.filter(seller_id=seller_id).defer("content", "errors")


def get_own_import(*, import_id: UUID, seller_id: UUID | None) -> ListingImport:
    """Raises NotFound for others."""
    found = ListingImport.objects.filter(id=import_id, seller_id=seller_id).defer("content").first()
    if seller_id is None or found is None:
        raise NotFound()
    return found


def lock_import(import_id: UUID) -> ListingImport:
    """The row, locked. Raises NotFound."""
    found = ListingImport.objects.select_for_update().defer("content").filter(id=import_id).first()
    if found is None:
        raise NotFound()
    return found


def content_of(import_id: UUID) -> bytes:
    return bytes(ListingImport.objects.values_list("content", flat=True).get(id=import_id))


def waiting_imports(limit: int = 20) -> list[UUID]:
    """Imports a worker has to check or to run, oldest first."""
    waiting = ListingImport.objects.filter(state__in=[ImportState.UPLOADED, ImportState.RUNNING])
    return list(waiting.order_by("created_at").values_list("id", flat=True)[:limit])


def listings_made_by(import_id: UUID, *, after: UUID | None = None, limit: int = 500) -> list[UUID]:
    """Ids in id order, a page at a time."""
    made = ImportedListing.objects.filter(listing_import_id=import_id).order_by("listing_id")
    if after is not None:
        made = made.filter(listing_id__gt=after)
    return list(made.values_list("listing_id", flat=True)[:limit])


def export_rows(seller_id: UUID) -> Iterator[list[object]]:
    """A seller's listings as rows of an import file: the header, then one line each. Reads in pages."""
    listings = (
        Listing.objects.filter(seller_id=seller_id).select_related("stock", "product").order_by("created_at", "id")
    )
    attributes = sorted({code for values in listings.values_list("attributes", flat=True) for code in values})
    yield ["id", *COLUMNS, *attributes]
    for listing in listings.iterator(chunk_size=1_000):
        yield [
            str(listing.id), listing.category_id, listing.title, listing.description, str(listing.price.decimal),
            listing.stock.on_hand, listing.weight_grams, listing.length_mm, listing.width_mm, listing.height_mm,
            listing.handling_days, listing.brand, listing.gtin, listing.condition, listing.min_quantity, listing.pack_size,
            listing.unit, "; ".join(steps_of(listing.price_tiers)), listing.sku,
            listing.product.code if listing.product else "", ",".join(listing.product.options) if listing.product else "",
            *(listing.safety.get(name, "") for name in SAFETY),
            *(_cell(listing.attributes.get(code, "")) for code in attributes),
        ]  # fmt: skip


def _cell(value: object) -> object:
    return ", ".join(value) if isinstance(value, list) else value
