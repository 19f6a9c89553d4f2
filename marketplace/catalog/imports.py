"""Many listings of one shop at once: checked one by one, written together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import InvalidInput, NotAllowed
from core.events.marketplace import ListingPublished
from core.outbox.services import publish_all
from core.statements import insert
from core.states import next_state
from marketplace.catalog.models import Listing, ListingPhoto, ListingRevision, Signals, Stock
from marketplace.catalog.selectors import leaves_by_code
from marketplace.catalog.services import checked_listing
from marketplace.catalog.states import TRANSITIONS, ListingAction, ListingState
from marketplace.contracts import ImportRow, SellerNotVerified
from marketplace.sellers.selectors import get_seller

MAX_ROWS = 500


def import_listings(*, rows: Sequence[ImportRow], actor: Actor, now: datetime) -> list[UUID]:
    """Create and publish listings in the actor's shop, with stock and pictures; all of them or none.

    Publishes ListingPublished for each; returns their ids in the rows' order. Raises InvalidInput (`rows[3].price`: the row
    counts from 0), NotAllowed, SellerNotVerified.
    """
    if actor.organisation_id is None:
        raise NotAllowed("Only a seller can list goods.")
    if len(rows) > MAX_ROWS:
        raise InvalidInput("Too many rows at once.", field="rows", remedy=_("At most %(n)s.") % {"n": MAX_ROWS})
    seller = get_seller(actor.organisation_id)
    if not seller.is_open:
        raise SellerNotVerified(remedy="Open your shop first; the operator verifies the business profile.")
    leaves = leaves_by_code()
    state = next_state(TRANSITIONS, ListingState.DRAFT, ListingAction.PUBLISH)
    made = []
    for number, row in enumerate(rows):
        try:
            category, values = checked_listing(row.listing, currency=seller.currency, leaves=leaves)
        except InvalidInput as error:
            raise InvalidInput(error.message, field=f"rows[{number}].{error.field}", remedy=error.remedy) from error
        made.append(
            Listing(
                seller=seller, category=category, currency=seller.currency, state=state, created_at=now, updated_at=now,
                published_at=now, **values,
            )
        )  # fmt: skip
    _write(made, rows, actor=actor, now=now)
    return [listing.id for listing in made]


def _write(made: list[Listing], rows: Sequence[ImportRow], *, actor: Actor, now: datetime) -> None:
    pairs = list(zip(made, rows, strict=True))
    with transaction.atomic():
        insert(*made)
        insert(*(Stock(listing=listing, on_hand=row.listing.stock) for listing, row in pairs))
        insert(*(Signals(listing=listing) for listing in made))
        insert(*(
            ListingPhoto(
                listing=listing, position=position, name=photo.name, width=photo.width, height=photo.height,
                alt=photo.alt.strip()[:160],
            )
            for listing, row in pairs
            for position, photo in enumerate(row.photos)
        ))  # fmt: skip
        insert(*(
            ListingRevision(
                listing=listing, version=listing.version, actor=actor.reference, at=now,
                changes={"created": [None, listing.title], "state": [ListingState.DRAFT.value, listing.state]},
            )
            for listing in made
        ))  # fmt: skip
        published = [ListingPublished(listing_id=x.id, seller_id=x.seller_id, at=now) for x in made]
        publish_all(published, actor=actor, now=now)
