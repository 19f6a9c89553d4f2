"""Writes of stock alerts: a seller hears once that little is left."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import InvalidInput
from core.events.marketplace import ListingLowOnStock
from core.outbox.services import publish_all
from marketplace.catalog.models import StockAlert
from marketplace.catalog.rules import MAX_STOCK
from marketplace.catalog.selectors import lock_own_listing

MOST_AT_ONCE: Final = 500

_AGAIN = """
UPDATE marketplace_stockalert a SET told_at = NULL FROM marketplace_stock s
WHERE s.listing_id = a.listing_id AND a.told_at IS NOT NULL AND s.on_hand - s.reserved > a.at_most
"""
_TELL = """
WITH low AS (
    SELECT a.listing_id, l.seller_id, s.on_hand - s.reserved AS left_over
    FROM marketplace_stockalert a JOIN marketplace_stock s USING (listing_id) JOIN marketplace_listing l ON l.id = a.listing_id
    WHERE a.told_at IS NULL AND l.state = 'PUBLISHED' AND s.on_hand - s.reserved <= a.at_most
    ORDER BY a.listing_id LIMIT %s FOR UPDATE OF a SKIP LOCKED
)
UPDATE marketplace_stockalert a SET told_at = %s FROM low WHERE low.listing_id = a.listing_id
RETURNING low.listing_id, low.seller_id, low.left_over
"""


def set_stock_alert(*, listing_id: UUID, at_most: int | None, actor: Actor) -> None:
    """Say at how many free pieces the seller wants to hear of it; None: never. Locks the listing.

    Raises ListingNotFound, InvalidInput (at_most).
    """
    if at_most is not None and not 0 <= at_most <= MAX_STOCK:
        bounds = {"low": 0, "high": MAX_STOCK}
        raise InvalidInput(
            "This number is out of range.", field="at_most", remedy=_("Between %(low)s and %(high)s.") % bounds
        )
    with transaction.atomic():
        row = lock_own_listing(listing_id, actor)
        if at_most is None:
            StockAlert.objects.filter(listing=row).delete()
        else:
            StockAlert.objects.update_or_create(listing=row, defaults={"at_most": at_most, "told_at": None})


def tell_low_stock(*, now: datetime) -> int:
    """Publish ListingLowOnStock for what has come down to its alert since it was last above it; returns how many.

    Of two workers at once, each takes other rows.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_AGAIN)
        cursor.execute(_TELL, [MOST_AT_ONCE, now])
        low = cursor.fetchall()
        publish_all(
            [ListingLowOnStock(listing_id=i, seller_id=seller, at=now, left=left) for i, seller, left in low],
            actor=Actor.system("stock"), now=now,
        )  # fmt: skip
    return len(low)
