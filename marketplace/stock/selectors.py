"""Reads of stock by place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from core.errors import NotFound
from marketplace.catalog.models import Listing
from marketplace.contracts import Place
from marketplace.stock.models import LocationStock, StockLocation, StockMovement

_SENT_FROM = """
SELECT m.order_id, l.label, m.listing_id, -sum(m.delta)
  FROM marketplace_stockmovement m LEFT JOIN marketplace_stocklocation l ON l.id = m.location_id
 WHERE m.order_id = ANY(%s) GROUP BY m.order_id, l.label, m.listing_id HAVING sum(m.delta) < 0
"""
_TAKEN = """
SELECT location_id, listing_id FROM marketplace_stockmovement
 WHERE order_id = %s AND listing_id = ANY(%s) GROUP BY location_id, listing_id HAVING sum(delta) < 0
"""
LOW = 3
"""Free pieces from which on a listing without an alert of its own counts as low."""


@dataclass(frozen=True)
class Shelf:
    """Pieces at one place; no location: the shop's own address."""

    location: StockLocation | None
    pieces: int


@dataclass(frozen=True)
class StockRow:
    """A listing with what is where, the shop's own address first."""

    listing: Listing
    shelves: tuple[Shelf, ...]


@dataclass(frozen=True)
class SentFrom:
    """Pieces of an order's listing that are sent from a place; no label: the shop's own address."""

    label: str
    listing_id: UUID
    quantity: int


def locations_of(seller_id: UUID | None) -> QuerySet[StockLocation]:
    """A seller's open places, the oldest first; at most rules.MAX_LOCATIONS."""
    return StockLocation.objects.filter(seller_id=seller_id, closed_at=None).order_by("created_at", "id")


def get_own_location(*, location_id: UUID, seller_id: UUID | None) -> StockLocation:
    """An open place of the seller. Raises NotFound."""
    found = locations_of(seller_id).select_related("seller").filter(id=location_id).first() if seller_id else None
    if found is None:
        raise NotFound("There is no such place.")
    return found


def lock_locations(ids: Iterable[UUID | None], *, seller_id: UUID | None) -> list[StockLocation]:
    """Open places of the seller, locked in id order so that none is closed meanwhile; None (the shop's own) is left out.

    Not against rows that point to them: a sale may be writing its movement. Raises NotFound.
    """
    wanted = {one for one in ids if one is not None}
    places = StockLocation.objects.select_for_update(of=("self",), no_key=True).select_related("seller")
    found = list(places.filter(id__in=wanted, seller_id=seller_id, closed_at=None).order_by("id"))
    if len(found) < len(wanted):
        raise NotFound("There is no such place.")
    return found


def stock_of(seller_id: UUID | None, *, query: str = "", low: bool = False) -> QuerySet[Listing]:
    """A seller's listings with their stock, by title; `low`: down to their alert, without one to LOW free pieces. Page it."""
    rows = Listing.objects.select_related("stock").filter(seller_id=seller_id).exclude(state="BLOCKED")
    rows = rows.defer("description", "attributes", "safety", "tiers")
    if query:
        rows = rows.filter(Q(title__icontains=query) | Q(sku__iexact=query) | Q(gtin=query))
    if low:
        left = F("stock__on_hand") - F("stock__reserved")
        rows = rows.alias(left=left, few=Coalesce("stock_alert__at_most", LOW)).filter(left__lte=F("few"))
    return rows.order_by("title", "id")


def get_stock(*, listing_id: UUID, seller_id: UUID | None) -> Listing:
    """Raises NotFound for what is not this seller's."""
    found = stock_of(seller_id).filter(id=listing_id).first() if seller_id else None
    if found is None:
        raise NotFound("There is no such listing.")
    return found


def with_shelves(listings: Iterable[Listing], locations: Iterable[StockLocation]) -> list[StockRow]:
    """What is where, one query for all; every place of the seller is named."""
    listings, locations = list(listings), list(locations)
    found = LocationStock.objects.filter(listing_id__in=[row.id for row in listings])
    pieces = {(listing, place): number for listing, place, number in found.values_list(
        "listing_id", "location_id", "on_hand"
    )}  # fmt: skip
    return [
        StockRow(
            row,
            (
                Shelf(None, row.stock.on_hand - row.stock.elsewhere),
                *(Shelf(place, pieces.get((row.id, place.id), 0)) for place in locations),
            ),
        )
        for row in listings
    ]


def movements_of(listing_id: UUID) -> QuerySet[StockMovement]:
    """What moved, newest first; page it."""
    return StockMovement.objects.select_related("location").filter(listing_id=listing_id).order_by("-at", "-id")


def sent_from(order_ids: Iterable[UUID]) -> dict[UUID, list[SentFrom]]:
    """Order -> from where its pieces are sent, of orders with goods that lie at several places. At most one query."""
    wanted = list(order_ids)
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_SENT_FROM, [wanted])
        rows = cursor.fetchall()
    found: dict[UUID, list[SentFrom]] = {}
    for order_id, label, listing_id, pieces in sorted(rows, key=lambda row: (str(row[0]), row[1] or "", str(row[2]))):
        found.setdefault(order_id, []).append(SentFrom(label or "", listing_id, pieces))
    return found


def sender_of(*, order_id: UUID, listing_ids: Iterable[UUID], shop: Place) -> Place:
    """The address on a parcel's label: the place where all its goods lie, otherwise the shop's."""
    wanted = set(listing_ids)
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN, [order_id, list(wanted)])
        rows = cursor.fetchall()
    places, covered = {row[0] for row in rows}, {row[1] for row in rows}
    place = places.pop() if len(places) == 1 else None
    if place is None or covered != wanted:
        return shop
    return StockLocation.objects.get(id=place).address
