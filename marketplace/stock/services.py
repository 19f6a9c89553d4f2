"""Writes of stock by place: locations, adjustments, transfers, counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import InvalidInput, NotAllowed
from core.statements import insert
from marketplace.addresses.rules import complete_address
from marketplace.catalog.rules import MAX_HANDLING_DAYS, MAX_STOCK
from marketplace.catalog.selectors import lock_own_listing
from marketplace.contracts import Place
from marketplace.sellers.selectors import get_seller
from marketplace.stock.models import LocationStock, StockLocation, StockMovement
from marketplace.stock.rules import MAX_LOCATIONS, MAX_REASON
from marketplace.stock.selectors import locations_of, lock_locations
from marketplace.stock.writing import Change, lock_stock, write_changes

_ADDRESS = tuple(Place.__dataclass_fields__)


def add_location(*, label: str, address: Place, handling_days: int, actor: Actor, now: datetime) -> StockLocation:
    """Another place where the actor's shop keeps goods, in the shop's country: promises and customs papers start there.

    Raises NotAllowed, NotFound (no shop), InvalidInput (label, handling_days, an address field, too many).
    """
    if actor.organisation_id is None:
        raise NotAllowed("Only a seller can do this.")
    seller = get_seller(actor.organisation_id)
    values = _checked(label=label, address=address, handling_days=handling_days, country=seller.country)
    if locations_of(seller.pk).count() >= MAX_LOCATIONS:
        raise InvalidInput("There are enough places.", field="label", remedy=_("At most %(n)s.") % {"n": MAX_LOCATIONS})
    row = StockLocation(seller=seller, created_at=now, **values)
    if not insert(row, unless_there=True):
        raise InvalidInput("There is a place of this name.", field="label", remedy="Choose another name.")
    return row


def change_location(
    *, location_id: UUID, label: str, address: Place, handling_days: int, actor: Actor
) -> StockLocation:  # fmt: skip
    """Rename or move an own place; labels that exist keep their sender. Raises NotFound, InvalidInput."""
    with transaction.atomic():
        row = lock_locations([location_id], seller_id=actor.organisation_id)[0]
        values = _checked(label=label, address=address, handling_days=handling_days, country=row.seller.country)
        same = locations_of(row.seller_id).filter(label__iexact=values["label"]).exclude(id=row.id)
        if same.exists():
            raise InvalidInput("There is a place of this name.", field="label", remedy="Choose another name.")
        for name, value in values.items():
            setattr(row, name, value)
        row.save(update_fields=list(values))
    return row


def close_location(*, location_id: UUID, actor: Actor, now: datetime) -> None:
    """Give an empty place up; its movements stay. Raises NotFound (also a second time), InvalidInput (goods are there)."""
    with transaction.atomic():
        row = lock_locations([location_id], seller_id=actor.organisation_id)[0]
        if LocationStock.objects.filter(location=row, on_hand__gt=0).exists():
            raise InvalidInput("There are goods at this place.", remedy="Move them to another place first.")
        row.closed_at = now
        row.save(update_fields=["closed_at"])


def adjust_stock(
    *, listing_id: UUID, location_id: UUID | None, delta: int, reason: str, actor: Actor, now: datetime
) -> StockMovement:
    """Correct how many pieces are at a place, with the reason. Locks the listing, its stock, its places.

    Raises ListingNotFound, NotFound (the place), InvalidInput (delta, reason), NotEnoughStock (fewer than are there, or
    than are promised to buyers).
    """
    if not delta or abs(delta) > MAX_STOCK:
        raise InvalidInput("This number is out of range.", field="delta", remedy=_bounds(1, MAX_STOCK))
    reason = _checked_reason(reason)
    with transaction.atomic():
        _check_own(listing_id, [location_id], actor)
        locked = lock_stock([listing_id])
        if locked.stock[listing_id].on_hand + delta > MAX_STOCK:
            raise InvalidInput("This number is out of range.", field="delta", remedy=_bounds(1, MAX_STOCK))
        change = Change(listing_id, location_id, delta, total=delta)
        return write_changes(
            locked, [change], kind=StockMovement.Kind.ADJUSTMENT, reason=reason, actor=actor, now=now
        )[0]  # fmt: skip


def transfer_stock(
    *, listing_id: UUID, from_id: UUID | None, to_id: UUID | None, quantity: int, reason: str, actor: Actor,
    now: datetime,
) -> list[StockMovement]:  # fmt: skip
    """Move pieces from one place to another; what can be sold stays the same. Locks the listing, its stock, its places.

    Returns both movements. Raises ListingNotFound, NotFound, InvalidInput (quantity, to), NotEnoughStock.
    """
    if not 1 <= quantity <= MAX_STOCK:
        raise InvalidInput("This number is out of range.", field="quantity", remedy=_bounds(1, MAX_STOCK))
    if from_id == to_id:
        raise InvalidInput("Choose two places.", field="to")
    with transaction.atomic():
        _check_own(listing_id, [from_id, to_id], actor)
        changes = [Change(listing_id, from_id, -quantity, total=0), Change(listing_id, to_id, quantity, total=0)]
        return write_changes(
            lock_stock([listing_id]), changes, kind=StockMovement.Kind.TRANSFER, reason=reason.strip()[:MAX_REASON],
            actor=actor, now=now,
        )  # fmt: skip


def count_stock(
    *, counted: Mapping[UUID, Mapping[UUID | None, int]], reason: str, actor: Actor, now: datetime
) -> int:  # fmt: skip
    """Say how many pieces are at some places (listing -> place -> pieces); the others keep theirs. All or nothing.

    The listings are the caller's to check (they are the actor's). Locks the stock of all of them in id order. Returns how
    many figures changed. Raises NotFound (a place), NotEnoughStock naming the listing.
    """
    wanted = {place for places in counted.values() for place in places}
    with transaction.atomic():
        lock_locations(wanted, seller_id=actor.organisation_id)
        locked = lock_stock(counted)
        changes = [
            Change(listing_id, place, delta, total=delta)
            for listing_id, places in sorted(counted.items())
            for place, number in places.items()
            if (delta := number - locked.left(listing_id, place))
        ]
        write_changes(
            locked, changes, kind=StockMovement.Kind.COUNT, reason=_checked_reason(reason), actor=actor, now=now
        )  # fmt: skip
    return len(changes)


def _checked(*, label: str, address: Place, handling_days: int, country: str) -> dict[str, object]:
    label = " ".join(label.split())
    if not 1 <= len(label) <= 40:
        raise InvalidInput("A name is needed.", field="label", remedy=_("At most %(n)s letters.") % {"n": 40})
    if not 0 <= handling_days <= MAX_HANDLING_DAYS:
        raise InvalidInput(
            "This number is out of range.", field="handling_days", remedy=_bounds(0, MAX_HANDLING_DAYS)
        )  # fmt: skip
    if address.country != country:
        raise InvalidInput(
            "A place lies in the shop's country.", field="country", remedy="Open a shop for the other one."
        )
    place = complete_address(address)
    return {"label": label, "handling_days": handling_days} | {name: getattr(place, name) for name in _ADDRESS}


def _checked_reason(reason: str) -> str:
    if not reason.strip():
        raise InvalidInput("A reason is needed.", field="reason", remedy="Broken, found, a new delivery…")
    return reason.strip()[:MAX_REASON]


def _check_own(listing_id: UUID, places: list[UUID | None], actor: Actor) -> None:
    """Locks the listing, then the places."""
    lock_own_listing(listing_id, actor)
    lock_locations(places, seller_id=actor.organisation_id)


def _bounds(low: int, high: int) -> str:
    return _("Between %(low)s and %(high)s.") % {"low": low, "high": high}
