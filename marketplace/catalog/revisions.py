"""What changed in a listing, by whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.actor import Actor
from core.states import next_state
from marketplace.catalog.models import Listing, ListingRevision
from marketplace.catalog.states import TRANSITIONS, ListingAction, ListingState


def revise(row: Listing, changes: dict[str, Any], *, actor: Actor, now: datetime) -> None:
    """Keep changes (name -> [before, after]) of the version a listing has now, in the caller's transaction."""
    ListingRevision.objects.create(listing=row, version=row.version, changes=changes, actor=actor.reference, at=now)


def move(row: Listing, action: ListingAction, *, actor: Actor, now: datetime, reason: str = "") -> None:
    """Take the edge and keep it; the caller has locked the listing and saves it. Raises TransitionRefused."""
    before = ListingState(row.state)
    row.state = next_state(TRANSITIONS, before, action)
    row.updated_at = now
    changes: dict[str, Any] = {"state": [before.value, row.state]}
    revise(row, changes | ({"reason": reason} if reason else {}), actor=actor, now=now)
