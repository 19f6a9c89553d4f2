"""Many listings of one shop at once: checked one by one, written together."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import JSONField, Model
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import InvalidInput, NotAllowed
from core.events.marketplace import ListingPublished, ListingWithdrawn
from core.ids import new_id
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
    pairs = [(new_id(), one) for one in checked]
    moments = {"created_at": now, "updated_at": now, "published_at": now}
    copy_in(Listing, [
        {
            "id": listing_id, "seller_id": seller.pk, "category_id": one.category.code, "currency": seller.currency,
            "state": state, **moments, **one.values,
        }
        for listing_id, one in pairs
    ])  # fmt: skip
    copy_in(Stock, [{"listing_id": i, "on_hand": one.row.listing.stock} for i, one in pairs])
    copy_in(Signals, [{"listing_id": i} for i, _one in pairs])
    copy_in(ListingPhoto, [
        {
            "listing_id": i, "position": position, "name": photo.name, "width": photo.width, "height": photo.height,
            "alt": photo.alt.strip()[:160],
        }
        for i, one in pairs
        for position, photo in enumerate(one.row.photos)
    ])  # fmt: skip
    copy_in(ListingRevision, [
        {
            "listing_id": i, "version": 1, "actor": actor.reference, "at": now,
            "changes": {"created": [None, one.values["title"]], "state": [ListingState.DRAFT.value, state.value]},
        }
        for i, one in pairs
    ])  # fmt: skip
    published = [ListingPublished(listing_id=i, seller_id=seller.pk, at=now) for i, _one in pairs]
    publish_all(published, actor=actor, now=now)
    return [i for i, _one in pairs]


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
    copy_in(ListingRevision, [
        {
            "listing_id": row.id, "version": row.version, "actor": actor.reference, "at": now,
            "changes": {"state": [before.value, after.value], "reason": "import undone"},
        }
        for row in rows
    ])  # fmt: skip
    publish_all([ListingWithdrawn(listing_id=r.id, seller_id=r.seller_id, at=now) for r in rows], actor=actor, now=now)
    return len(rows)


def copy_in(model: type[Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write new rows (attribute name -> value; what is left out takes its default) by COPY: for hundreds of rows several
    times as fast as INSERT, and without model instances. No signals."""
    if not rows:
        return
    statement, documents, defaults = _copying(model)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            values = [row[name] if name in row else default() for name, default in defaults]
            for place in documents:
                values[place] = json.dumps(values[place])
            copy.write_row(values)


@lru_cache
def _copying(model: type[Model]) -> tuple[str, tuple[int, ...], tuple[tuple[str, Callable[[], Any]], ...]]:
    """The COPY of a model: its statement, which places hold JSON, and each column's attribute with its default."""
    fields = [f for f in model._meta.concrete_fields if not f.has_db_default()]
    names = ", ".join(f'"{f.column}"' for f in fields)
    statement = f'COPY "{model._meta.db_table}" ({names}) FROM STDIN'
    documents = tuple(place for place, f in enumerate(fields) if isinstance(f, JSONField))
    return statement, documents, tuple((f.attname, f.get_default) for f in fields)
