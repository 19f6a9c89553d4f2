"""What changed in a listing, by whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.actor import Actor
from marketplace.catalog.models import Listing, ListingRevision


def revise(row: Listing, changes: dict[str, Any], *, actor: Actor, now: datetime) -> None:
    """Keep changes (name -> [before, after]) of the version a listing has now, in the caller's transaction."""
    ListingRevision.objects.create(listing=row, version=row.version, changes=changes, actor=actor.reference, at=now)
