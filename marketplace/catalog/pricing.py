"""Writes of how a listing is sold: its terms, and reductions announced from the prior price."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import Actor, ActorKind
from core.errors import InvalidInput, NotFound
from core.money import Money
from marketplace.catalog.models import Listing, Reduction
from marketplace.catalog.revisions import revise
from marketplace.catalog.rules import MAX_HANDLING_DAYS
from marketplace.catalog.selectors import due_reductions, find_reduction, lock_own_listing, price_history
from marketplace.catalog.terms import checked_terms, prior_price
from marketplace.contracts import NoReduction, SellingTerms

LONGEST: Final = timedelta(days=90)
"""A reduction that runs for ever is the price."""


def set_terms(*, listing_id: UUID, terms: SellingTerms, actor: Actor, now: datetime) -> Listing:
    """Change minimum, pack, unit and prices by quantity of an own listing; orders keep what they were sold as.

    Locks the listing. Raises ListingNotFound, InvalidInput (min_quantity, pack_size, unit, tiers).
    """
    with transaction.atomic():
        row = lock_own_listing(listing_id, actor)
        values = checked_terms(terms, price=row.price, max_handling_days=MAX_HANDLING_DAYS)
        changes = {name: [getattr(row, name), value] for name, value in values.items() if getattr(row, name) != value}
        if changes:
            for name, value in values.items():
                setattr(row, name, value)
            row.version, row.updated_at = row.version + 1, now
            row.save(update_fields=[*values, "version", "updated_at"])
            revise(row, changes, actor=actor, now=now)
    return row


def set_price(*, listing_id: UUID, price: Money, actor: Actor, now: datetime) -> Listing:
    """Change the price of one piece of an own listing. Locks the listing.

    Raises ListingNotFound, InvalidInput (price): not above zero, or not above its own prices by quantity.
    """
    with transaction.atomic():
        row = lock_own_listing(listing_id, actor)
        if price.currency != row.currency or price.minor <= 0:
            raise InvalidInput(
                "The price is not usable.", field="price",
                remedy=_("Above zero, in %(currency)s.") % {"currency": row.currency},
            )  # fmt: skip
        if row.tiers and price.minor <= row.tiers[0]["minor"]:
            raise InvalidInput(
                "Many pieces would cost more each than one.",
                field="price",
                remedy="Change its prices by quantity first.",
            )
        if row.price_minor != price.minor:
            changes = {"price_minor": [row.price_minor, price.minor]}
            follow_price(row, price.minor, now=now)
            row.price_minor, row.version, row.updated_at = price.minor, row.version + 1, now
            row.save(update_fields=["price_minor", "prior_minor", "version", "updated_at"])
            revise(row, changes, actor=actor, now=now)
    return row


def start_reduction(*, listing_id: UUID, price: Money, ends_at: datetime, actor: Actor, now: datetime) -> Reduction:
    """Announce a reduced price until `ends_at`; then the price of before is back.

    The reduction is measured from the lowest price of the 30 days before now. Lowered further while it runs, it keeps its
    first prior price (art. 6a (5)). Locks the listing. Raises ListingNotFound, InvalidInput (price, ends_at), NoReduction.
    """
    with transaction.atomic():
        row = lock_own_listing(listing_id, actor)
        if price.currency != row.currency or price.minor <= 0:
            raise InvalidInput(
                "The price is not usable.", field="price",
                remedy=_("Above zero, in %(currency)s.") % {"currency": row.currency},
            )  # fmt: skip
        if not now < ends_at <= now + LONGEST:
            raise InvalidInput(
                "This day is not possible.", field="ends_at", remedy="From tomorrow to 90 days from now."
            )
        reduction = find_reduction(row.id) or _new_reduction(row, now=now)
        if price.minor >= min(reduction.prior_minor, row.price_minor):
            lowest = Money(min(reduction.prior_minor, row.price_minor), row.currency)
            raise NoReduction(
                field="price", remedy=_("The lowest price of the last 30 days was %(lowest)s: go below it.") % {"lowest": lowest}
            )  # fmt: skip
        reduction.ends_at = ends_at
        reduction.save()
        _set_price(row, price.minor, prior=reduction.prior_minor, actor=actor, now=now)
    return reduction


def _new_reduction(row: Listing, *, now: datetime) -> Reduction:
    prior = prior_price(history=price_history(row.id, until=now), starts_at=now)
    if prior is None or not row.is_published:
        raise NoReduction(field="price", remedy="It must have been on sale before it can be reduced.")
    return Reduction(
        listing=row, prior_minor=prior, regular_minor=row.price_minor, currency=row.currency, started_at=now
    )


def end_reduction(*, listing_id: UUID, actor: Actor, now: datetime) -> None:
    """The price of before the reduction is back. Locks the listing. Raises ListingNotFound, NotFound (none runs)."""
    with transaction.atomic():
        row = lock_own_listing(listing_id, actor)
        reduction = find_reduction(row.id)
        if reduction is None:
            raise NotFound("No reduction runs.")
        _close(reduction, now=now)
        _set_price(row, reduction.regular_minor, prior=None, actor=actor, now=now)


def end_due_reductions(*, now: datetime) -> int:
    """End the reductions whose last day is over; returns how many."""
    due = due_reductions(now=now)
    for listing_id, seller_id in due:
        seller = Actor(ActorKind.SYSTEM, organisation_id=seller_id, label="reductions")
        with suppress(NotFound):  # its seller was quicker
            end_reduction(listing_id=listing_id, actor=seller, now=now)
    return len(due)


def follow_price(row: Listing, price_minor: int, *, now: datetime) -> None:
    """A seller types another price while a reduction may run: a lower one goes on with it, a higher one ends it.

    The caller has locked the listing and saves it with `prior_minor`.
    """
    if row.prior_minor is None or price_minor <= row.price_minor:
        return
    row.prior_minor = None
    reduction = find_reduction(row.id)
    if reduction is not None:
        _close(reduction, now=now)


def _close(reduction: Reduction, *, now: datetime) -> None:
    reduction.ended_at = now
    reduction.save(update_fields=["ended_at"])


def _set_price(row: Listing, price_minor: int, *, prior: int | None, actor: Actor, now: datetime) -> None:
    changes = {"price_minor": [row.price_minor, price_minor], "prior_minor": [row.prior_minor, prior]}
    row.price_minor, row.prior_minor = price_minor, prior
    row.version, row.updated_at = row.version + 1, now
    row.save(update_fields=["price_minor", "prior_minor", "version", "updated_at"])
    revise(row, changes, actor=actor, now=now)
