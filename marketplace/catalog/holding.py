"""What goes on sale is screened: refused, held for a person, or free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from core.actor import Actor
from core.errors import NotAllowed
from core.events.marketplace import ListingPublished, ListingWithdrawn
from core.outbox.services import publish
from marketplace.catalog.models import Category, Listing
from marketplace.catalog.ports import Screening, moderation
from marketplace.catalog.revisions import move
from marketplace.catalog.states import ListingAction
from marketplace.contracts import ListingNotFound
from marketplace.screening import Finding, Goods, ListingProhibited, RuleKind

_JUDGED = ("title", "description", "brand", "variant")


def goods_of(category: Category, values: Mapping[str, Any]) -> Goods:
    """What is judged of a listing with these column values."""
    words = [str(values.get(name, "")) for name in _JUDGED]
    words += [str(value) for value in values["attributes"].values()]
    return Goods(category=category.code, department=category.parent_id or category.code, text=" ".join(words))


def screened(
    category: Category, values: Mapping[str, Any], *, screening: Screening, listing_id: UUID | None = None
) -> tuple[Finding, ...]:
    """What holds the goods back from sale until a person has looked; empty: nothing. Raises ListingProhibited."""
    found = screening.findings(goods_of(category, values), listing_id=listing_id)
    for finding in found:
        if finding.kind is RuleKind.PROHIBITED:
            raise ListingProhibited(
                finding.title, field="title" if finding.words else "category", remedy=finding.remedy
            )
    return found


def screened_row(row: Listing) -> tuple[Finding, ...]:
    """The same for a listing as it is."""
    screening = moderation().screening(row.seller_id)
    return screened(row.category, _values_of(row), screening=screening, listing_id=row.id)


def goods_of_row(row: Listing) -> Goods:
    """What is judged of a listing as it is."""
    return goods_of(row.category, _values_of(row))


def _values_of(row: Listing) -> dict[str, Any]:
    return {name: getattr(row, name) for name in (*_JUDGED, "attributes")}


def hold(rows: Sequence[Listing], found: Sequence[Finding], *, actor: Actor, now: datetime) -> None:
    """Keep listings of one seller off sale until somebody has decided; the caller has locked them and their changes are saved.

    Publishes ListingWithdrawn for those that were on sale.
    """
    for row in rows:
        was_published = row.is_published
        move(row, ListingAction.HOLD, actor=actor, now=now)
        row.save(update_fields=["state", "publish_at", "updated_at"])
        if was_published:
            publish(ListingWithdrawn(listing_id=row.id, seller_id=row.seller_id, at=now), actor=actor, now=now)
    moderation().hold({row.id: found for row in rows}, seller_id=rows[0].seller_id, actor=actor, now=now)


def decide_held_listing(*, listing_id: UUID, approve: bool, reason: str, actor: Actor, now: datetime) -> Listing:
    """The operator's decision about a held listing: on sale, or off sale for its seller to change. Locks the listing.

    Publishes ListingPublished when it goes on sale. Raises NotAllowed, ListingNotFound, TransitionRefused.
    """
    if not actor.is_operator:
        raise NotAllowed("Only the operator decides this.")
    with transaction.atomic():
        row = Listing.objects.select_for_update().filter(id=listing_id).first()
        if row is None:
            raise ListingNotFound()
        move(row, ListingAction.APPROVE if approve else ListingAction.REFUSE, actor=actor, now=now, reason=reason)
        if approve:
            row.published_at = row.published_at or now
            publish(ListingPublished(listing_id=row.id, seller_id=row.seller_id, at=now), actor=actor, now=now)
        row.save(update_fields=["state", "published_at", "updated_at"])
    return row
