"""Writes of stock when an order is paid or undone: which place its pieces leave, and to which they come back.

Only for listings that lie at several places; the others have nothing to choose and cost nothing here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import Sum

from core.actor import Actor
from marketplace.catalog.services import restock
from marketplace.stock.models import StockLocation, StockMovement
from marketplace.stock.rules import Spot, Taken, taken_from
from marketplace.stock.writing import Change, Locked, lock_stock, write_changes


def choose_places(
    *, orders: Mapping[UUID, Mapping[UUID, int]], spread: Iterable[UUID], actor: Actor, now: datetime
) -> None:
    """Say which places the pieces of orders leave (order -> listing -> pieces), in the caller's transaction.

    Call it after `catalog.services.sell_reserved`, which has locked the rows and taken the pieces off the total, with the
    listings it names.
    """
    apart = set(spread)
    locked = lock_stock(apart)
    days = dict(StockLocation.objects.filter(stock__listing_id__in=apart).values_list("id", "handling_days"))
    for order_id, pieces in sorted(orders.items()):
        wanted = {listing_id: quantity for listing_id, quantity in pieces.items() if listing_id in apart}
        if not wanted:
            continue
        spots = _spots(locked, wanted, days)
        taken = taken_from(wanted, spots, at_main=len(wanted) < len(pieces))
        _take(locked, taken, order_id=order_id, actor=actor, now=now)


def _spots(locked: Locked, wanted: Mapping[UUID, int], days: Mapping[UUID, int]) -> list[Spot]:
    """The places as they were before the sale: the shop's own address gets back what the total has lost."""
    main = {listing_id: locked.left(listing_id, None) + quantity for listing_id, quantity in wanted.items()}
    spots = [Spot(None, 0, main)]
    for place, handling_days in days.items():
        spots.append(Spot(place, handling_days, {listing_id: locked.left(listing_id, place) for listing_id in wanted}))
    return spots


def _take(locked: Locked, taken: list[Taken], *, order_id: UUID, actor: Actor, now: datetime) -> None:
    """Places first: what they give is what the shop's own address keeps."""
    ordered = sorted(taken, key=lambda one: one.location_id is None)
    changes = [Change(one.listing_id, one.location_id, -one.quantity, total=0) for one in ordered]
    write_changes(
        locked, changes, kind=StockMovement.Kind.SALE, reason="", actor=actor, now=now, order_id=order_id
    )  # fmt: skip


def put_back(*, order_id: UUID, quantities: Mapping[UUID, int], actor: Actor, now: datetime) -> None:
    """Pieces of an order that were not sent are on hand again, each at the place it was taken from; in the caller's
    transaction. Pieces of a place that was given up come to the shop's own address."""
    restock(quantities=quantities)
    taken = StockMovement.objects.filter(order_id=order_id, listing_id__in=list(quantities)).order_by()
    rows = list(
        taken.values_list("listing_id", "location_id", "location__closed_at")
        .annotate(pieces=-Sum("delta")).filter(pieces__gt=0)
    )  # fmt: skip
    if not rows:
        return
    left, changes = dict(quantities), []
    for listing_id, place, closed_at, pieces in sorted(rows, key=lambda row: (str(row[0]), str(row[1]))):
        part = min(pieces, left[listing_id])
        left[listing_id] -= part
        if part:
            changes.append(Change(listing_id, None if closed_at else place, part, total=0))
    write_changes(
        lock_stock(quantities), changes, kind=StockMovement.Kind.GIVEN_BACK, reason="", actor=actor, now=now,
        order_id=order_id,
    )  # fmt: skip
