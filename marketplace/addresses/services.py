"""Writes of address books."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.db import transaction

from core.errors import InvalidInput
from core.models import Organisation
from marketplace.addresses.models import SavedAddress
from marketplace.addresses.rules import checked_address, complete_address
from marketplace.addresses.selectors import MAX_ADDRESSES, get_address
from marketplace.contracts import Place


def remember_address(*, organisation_id: UUID, address: Place, now: datetime) -> None:
    """Keep an address for the next time; the same one is only moved to the top, the oldest fall out."""
    address = checked_address(address)
    known = SavedAddress.objects.filter(organisation_id=organisation_id, **asdict(address)).first()
    if known is not None:
        SavedAddress.objects.filter(id=known.id).update(used_at=now)
        return
    SavedAddress.objects.create(organisation_id=organisation_id, used_at=now, **asdict(address))
    kept = SavedAddress.objects.filter(organisation_id=organisation_id).values_list("id", flat=True)[:MAX_ADDRESSES]
    SavedAddress.objects.filter(organisation_id=organisation_id).exclude(id__in=list(kept)).delete()


def add_address(*, organisation_id: UUID, address: Place, now: datetime) -> SavedAddress:
    """A new entry, on top. Locks the organisation. Raises InvalidInput naming the field, or when the book is full."""
    whole = complete_address(address)
    with transaction.atomic():
        Organisation.objects.select_for_update().get(id=organisation_id)
        if SavedAddress.objects.filter(organisation_id=organisation_id).count() >= MAX_ADDRESSES:
            raise InvalidInput("The address book is full.", remedy="Delete one you no longer use.")
        return SavedAddress.objects.create(organisation_id=organisation_id, used_at=now, **asdict(whole))


def change_address(*, organisation_id: UUID, address_id: UUID, address: Place) -> SavedAddress:
    """Orders that went there keep their own copy. Raises NotFound, InvalidInput naming the field."""
    whole = complete_address(address)
    found = get_address(organisation_id=organisation_id, address_id=address_id)
    for name, value in asdict(whole).items():
        setattr(found, name, value)
    found.save(update_fields=list(asdict(whole)))
    return found


def forget_address(*, organisation_id: UUID, address_id: UUID) -> None:
    """Take an entry out of the address book. Raises NotFound (not this organisation's)."""
    get_address(organisation_id=organisation_id, address_id=address_id).delete()
