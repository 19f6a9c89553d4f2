"""Many listings of one shop at once: checked one by one, written together."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import JSONField, Model
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import InvalidInput, NotAllowed
from core.events.marketplace import ListingPublished, ListingWithdrawn
from core.outbox.services import publish_all
from core.states import next_state
from marketplace.catalog.models import Category, Listing, ListingPhoto, ListingRevision, Signals, Stock
from marketplace.catalog.selectors import leaves_by_code
from marketplace.catalog.services import checked_listing
from marketplace.catalog.states import TRANSITIONS, ListingAction, ListingState
from marketplace.contracts import ImportRow, SellerNotVerified
from marketplace.sellers.models import Seller
from marketplace.sellers.selectors import get_seller

MAX_ROWS = 500


def import_listings(*, rows: Sequence[ImportRow], actor: Actor, now: datetime) -> list[UUID]:
    """Create and publish listings in the actor's shop, with stock and pictures; all of them or none.

    Publishes ListingPublished for each; returns their ids in the rows' order. Raises InvalidInput (`rows[3].price`: the row
    counts from 0), NotAllowed, SellerNotVerified.
    """
    if len(rows) > MAX_ROWS:
        raise InvalidInput("Too many rows at once.", field="rows", remedy=_("At most %(n)s.") % {"n": MAX_ROWS})
    seller = importing_seller(actor)
    leaves = leaves_by_code()
    checked = []
    for number, row in enumerate(rows):
        try:
            checked.append(check_row(row, seller=seller, leaves=leaves))
        except InvalidInput as error:
            raise InvalidInput(error.message, field=f"rows[{number}].{error.field}", remedy=error.remedy) from error
    with transaction.atomic():
        return write_rows(checked, seller=seller, actor=actor, now=now)


@dataclass(frozen=True)
class CheckedRow:
    """A row that can be written: its category, its column values, and what stands beside."""

    row: ImportRow
    category: Category
    values: Mapping[str, Any]


def importing_seller(actor: Actor) -> Seller:
    """The actor's open shop. Raises NotAllowed, SellerNotVerified."""
    if actor.organisation_id is None:
        raise NotAllowed("Only a seller can list goods.")
    seller = get_seller(actor.organisation_id)
    if not seller.is_open:
        raise SellerNotVerified(remedy="Open your shop first; the operator verifies the business profile.")
    return seller


def check_row(row: ImportRow, *, seller: Seller, leaves: Mapping[str, Category]) -> CheckedRow:
    """Raises InvalidInput naming the field."""
    category, values = checked_listing(row.listing, currency=seller.currency, leaves=leaves)
    return CheckedRow(row, category, values)


def write_rows(checked: Sequence[CheckedRow], *, seller: Seller, actor: Actor, now: datetime) -> list[UUID]:
    """Write checked rows as published listings and publish ListingPublished for each; joins the caller's transaction."""
    state = next_state(TRANSITIONS, ListingState.DRAFT, ListingAction.PUBLISH)
    made = [
        Listing(
            seller=seller, category=one.category, currency=seller.currency, state=state, created_at=now, updated_at=now,
            published_at=now, **one.values,
        )
        for one in checked
    ]  # fmt: skip
    pairs = list(zip(made, (one.row for one in checked), strict=True))
    copy_in(made)
    copy_in([Stock(listing=listing, on_hand=row.listing.stock) for listing, row in pairs])
    copy_in([Signals(listing=listing) for listing in made])
    copy_in([
        ListingPhoto(
            listing=listing, position=position, name=photo.name, width=photo.width, height=photo.height,
            alt=photo.alt.strip()[:160],
        )
        for listing, row in pairs
        for position, photo in enumerate(row.photos)
    ])  # fmt: skip
    copy_in([
        ListingRevision(
            listing=listing, version=listing.version, actor=actor.reference, at=now,
            changes={"created": [None, listing.title], "state": [ListingState.DRAFT.value, listing.state]},
        )
        for listing in made
    ])  # fmt: skip
    published = [ListingPublished(listing_id=x.id, seller_id=x.seller_id, at=now) for x in made]
    publish_all(published, actor=actor, now=now)
    return [listing.id for listing in made]


def withdraw_listings(*, listing_ids: Sequence[UUID], actor: Actor, now: datetime) -> int:
    """Take those of the actor's listings that are on sale off sale; joins the caller's transaction. Returns how many.

    Locks them in id order; publishes ListingWithdrawn for each. Open orders are not touched.
    """
    own = Listing.objects.filter(id__in=listing_ids, seller_id=actor.organisation_id, state=ListingState.PUBLISHED)
    rows = list(own.select_for_update().order_by("id"))
    if not rows:
        return 0
    before = ListingState.PUBLISHED
    after = next_state(TRANSITIONS, before, ListingAction.WITHDRAW)
    for row in rows:
        row.state, row.updated_at = after, now
    Listing.objects.bulk_update(rows, ["state", "updated_at"], batch_size=500)
    copy_in([
        ListingRevision(
            listing=row, version=row.version, actor=actor.reference, at=now,
            changes={"state": [before.value, after.value], "reason": "import undone"},
        )
        for row in rows
    ])  # fmt: skip
    publish_all([ListingWithdrawn(listing_id=r.id, seller_id=r.seller_id, at=now) for r in rows], actor=actor, now=now)
    return len(rows)


def copy_in(instances: Sequence[Model]) -> None:
    """Write new rows of one model by COPY: for hundreds of rows several times as fast as INSERT. No signals."""
    if not instances:
        return
    meta = type(instances[0])._meta
    fields = [f for f in meta.concrete_fields if not f.has_db_default()]
    columns = ", ".join(f'"{f.column}"' for f in fields)
    plain = [not isinstance(f, JSONField) for f in fields]
    with connection.cursor() as cursor, cursor.copy(f'COPY "{meta.db_table}" ({columns}) FROM STDIN') as copy:
        for instance in instances:
            copy.write_row([
                getattr(instance, f.attname) if is_plain else json.dumps(getattr(instance, f.attname))
                for f, is_plain in zip(fields, plain, strict=True)
            ])  # fmt: skip
    for instance in instances:
        instance._state.adding, instance._state.db = False, "default"
