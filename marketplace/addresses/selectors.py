"""Reads of address books."""

from __future__ import annotations

from uuid import UUID

from core.errors import NotFound
from core.statements import Prepared
from marketplace.addresses.models import SavedAddress

MAX_ADDRESSES = 20

_addresses = Prepared(
    lambda organisation_id: SavedAddress.objects.filter(organisation_id=organisation_id)[:MAX_ADDRESSES],
    organisation_id=UUID,
)


def list_addresses(organisation_id: UUID) -> list[SavedAddress]:
    """The address book, the last used first (at most 20)."""
    return _addresses.all(organisation_id=organisation_id)


def get_address(*, organisation_id: UUID, address_id: UUID) -> SavedAddress:
    """An entry of this organisation's address book. Raises NotFound."""
    found = SavedAddress.objects.filter(id=address_id, organisation_id=organisation_id).first()
    if found is None:
        raise NotFound("There is no such address.")
    return found
