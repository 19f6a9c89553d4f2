"""Writing stock by place: rows locked in one order, sums checked, every change with its movement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from core.actor import Actor
from marketplace.catalog.models import Stock
from marketplace.contracts import NotEnoughStock
from marketplace.stock.models import LocationStock, StockMovement


@dataclass(frozen=True, slots=True)
class Change:
    """Pieces that come to a place (or leave it: negative). `total`: what the listing's stock changes by with it."""

    listing_id: UUID
    location_id: UUID | None
    delta: int
    total: int


@dataclass(frozen=True, slots=True)
class Locked:
    """Stock of some listings, locked: nobody else sells or moves it meanwhile."""

    stock: dict[UUID, Stock]
    places: dict[tuple[UUID, UUID], LocationStock]

    def left(self, listing_id: UUID, location_id: UUID | None) -> int:
        """Pieces at a place now."""
        if location_id is not None:
            row = self.places.get((listing_id, location_id))
            return row.on_hand if row else 0
        stock = self.stock[listing_id]
        return stock.on_hand - stock.elsewhere


def lock_stock(listing_ids: Iterable[UUID]) -> Locked:
    """Two queries; rows of the listings' stock in id order, then those of places."""
    ids = sorted(set(listing_ids))
    stock = {row.listing_id: row for row in Stock.objects.select_for_update().filter(listing_id__in=ids).order_by("pk")}
    rows = LocationStock.objects.select_for_update().filter(listing_id__in=ids).order_by("listing_id", "location_id")
    return Locked(stock, {(row.listing_id, row.location_id): row for row in rows})


def write_changes(
    locked: Locked, changes: Sequence[Change], *, kind: str, reason: str, actor: Actor, now: datetime,
    order_id: UUID | None = None,
) -> list[StockMovement]:  # fmt: skip
    """Carry out changes of locked stock; all or nothing. Raises NotEnoughStock naming the listing."""
    movements: list[StockMovement] = []
    touched = [row for change in changes if (row := _count(locked, change)) is not None]
    for change in changes:
        left = locked.left(change.listing_id, change.location_id)
        if left < 0:
            raise NotEnoughStock(_("There are fewer pieces at this place."), field=str(change.listing_id))
        movements.append(
            StockMovement(
                listing_id=change.listing_id, location_id=change.location_id, kind=kind, delta=change.delta, left=left,
                reason=reason, order_id=order_id, actor=actor.reference, at=now,
            )
        )  # fmt: skip
    changed = {change.listing_id for change in changes if change.total}
    for listing_id in sorted(changed):
        stock = locked.stock[listing_id]
        if stock.on_hand < stock.reserved:
            raise NotEnoughStock(
                _("%(n)s pieces are promised to buyers.") % {"n": stock.reserved}, field=str(listing_id)
            )
    Stock.objects.bulk_update([locked.stock[listing_id] for listing_id in sorted(changed)], ["on_hand"])
    LocationStock.objects.bulk_update([row for row in touched if row.pk], ["on_hand"])
    LocationStock.objects.bulk_create([row for row in touched if not row.pk])
    StockMovement.objects.bulk_create(movements)
    return movements


def _count(locked: Locked, change: Change) -> LocationStock | None:
    """Follow a change in the rows at hand (returns a place's); the sum elsewhere is written by the database."""
    stock = locked.stock[change.listing_id]
    stock.on_hand += change.total
    if change.location_id is None:
        return None
    key = (change.listing_id, change.location_id)
    row = locked.places.setdefault(key, LocationStock(listing_id=key[0], location_id=key[1], on_hand=0))
    row.on_hand += change.delta
    stock.elsewhere += change.delta
    return row
