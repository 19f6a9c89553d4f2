"""What a listing's goods ask of whoever carries them: dangerous, fragile, perishable, of high value."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from core.actor import Actor
from core.errors import InvalidInput
from logistics.contracts import HandlingMark
from marketplace.catalog.models import Listing
from marketplace.catalog.revisions import revise
from marketplace.catalog.selectors import lock_own_listing


def set_marks(*, listing_id: UUID, marks: Iterable[str], actor: Actor, now: datetime) -> Listing:
    """Say what an own listing's goods are; carriers that do not take such goods are no longer offered. Locks the listing.

    Raises ListingNotFound, InvalidInput (marks).
    """
    wanted = sorted(set(marks))
    if not set(wanted) <= set(HandlingMark):
        raise InvalidInput("There is no such mark.", field="marks", remedy=", ".join(HandlingMark))
    with transaction.atomic():
        row = lock_own_listing(listing_id, actor)
        if row.marks != wanted:
            changes = {"marks": [row.marks, wanted]}
            row.marks, row.version, row.updated_at = wanted, row.version + 1, now
            row.save(update_fields=["marks", "version", "updated_at"])
            revise(row, changes, actor=actor, now=now)
    return row
