"""Writes of planned publications: a listing goes on sale by itself at a moment its seller chose."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from core.actor import Actor, ActorKind
from core.errors import DomainError, InvalidInput
from core.events.marketplace import ListingNotPublished
from core.outbox.services import publish
from core.states import next_state
from marketplace.catalog.models import Listing
from marketplace.catalog.revisions import revise
from marketplace.catalog.selectors import lock_due_publication, lock_own_listing
from marketplace.catalog.services import fit_for_sale, publish_listing
from marketplace.catalog.states import TRANSITIONS, ListingAction, ListingState

LONGEST: Final = timedelta(days=180)
MOST_AT_ONCE: Final = 200


def schedule_publication(*, listing_id: UUID, at: datetime, actor: Actor, now: datetime) -> Listing:
    """Have an own listing go on sale at `at`; planned again, the later plan counts. Locks the listing.

    What would keep it off sale now is told now: raises what publish_listing does, and InvalidInput (publish_at).
    """
    if not now < at <= now + LONGEST:
        raise InvalidInput(
            "This moment is not possible.", field="publish_at", remedy="From now on to 180 days from now."
        )
    with transaction.atomic():
        row = lock_own_listing(listing_id, actor)
        next_state(TRANSITIONS, ListingState(row.state), ListingAction.PUBLISH)
        fit_for_sale(row)
        _plan(row, at, actor=actor, now=now)
    return row


def cancel_publication(*, listing_id: UUID, actor: Actor, now: datetime) -> Listing:
    """Do not put it on sale by itself; without a plan nothing changes. Locks the listing. Raises ListingNotFound."""
    with transaction.atomic():
        row = lock_own_listing(listing_id, actor)
        if row.publish_at is not None:
            _plan(row, None, actor=actor, now=now)
    return row


def publish_due_listings(*, now: datetime) -> int:
    """Put on sale what is due, each in its own transaction; of two workers at once, each takes other rows.

    What cannot go on sale loses its plan, and its seller hears why (ListingNotPublished). Returns how many were due.
    """
    done = 0
    while done < MOST_AT_ONCE and _publish_next(now=now):
        done += 1
    return done


def _publish_next(*, now: datetime) -> bool:
    with transaction.atomic():
        row = lock_due_publication(now=now)
        if row is None:
            return False
        seller = Actor(ActorKind.SYSTEM, organisation_id=row.seller_id, label="schedule")
        try:
            with transaction.atomic():
                publish_listing(listing_id=row.id, actor=seller, now=now)
        except DomainError as error:
            _plan(row, None, actor=seller, now=now, reason=error.message)
            publish(
                ListingNotPublished(listing_id=row.id, seller_id=row.seller_id, at=now, reason=error.message),
                actor=seller, now=now,
            )  # fmt: skip
    return True


def _plan(row: Listing, at: datetime | None, *, actor: Actor, now: datetime, reason: str = "") -> None:
    before = row.publish_at.isoformat() if row.publish_at else None
    changes: dict[str, object] = {"publish_at": [before, at.isoformat() if at else None]}
    row.publish_at, row.updated_at = at, now
    row.save(update_fields=["publish_at", "updated_at"])
    revise(row, changes | ({"reason": reason} if reason else {}), actor=actor, now=now)
