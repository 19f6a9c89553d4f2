"""Packing: proposals, and sellers' own cartons."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from core.actor import Actor
from core.errors import InvalidInput, NotAllowed
from logistics.contracts import PackedParcel, ParcelSpec, Piece
from logistics.packing import selectors
from logistics.packing.models import Carton
from logistics.packing.rules import is_plain, pack


def propose_parcels(
    *, pieces: Sequence[Piece], stacked: ParcelSpec, seller_id: UUID | None
) -> tuple[PackedParcel, ...]:
    """How a seller's goods could be packed. What stacks into an ordinary parcel goes as that (no query); the rest into cartons
    (one query): the seller's own if there are any, else the platform's."""
    if is_plain(stacked, sum(piece.quantity for piece in pieces)):
        return (PackedParcel(stacked, tuple((piece.key, piece.quantity) for piece in pieces)),)
    return pack(pieces, selectors.boxes_for(seller_id))


def add_carton(
    *, name: str, length_mm: int, width_mm: int, height_mm: int, tare_grams: int, most_grams: int, actor: Actor
) -> Carton:
    """A carton of the actor's own. Raises NotAllowed (no organisation), InvalidInput (size, a name twice, too many)."""
    if actor.organisation_id is None:
        raise NotAllowed("Only a seller has cartons.")
    if len(selectors.list_cartons(actor.organisation_id)) >= selectors.MAX_CARTONS:
        raise InvalidInput("That is too many cartons.", field="name")
    carton = Carton(
        seller_id=actor.organisation_id, name=name.strip(), length_mm=length_mm, width_mm=width_mm, height_mm=height_mm,
        tare_grams=tare_grams, most_grams=most_grams,
    )  # fmt: skip
    try:
        carton.clean_fields()
        with transaction.atomic():
            carton.save(force_insert=True)
    except ValidationError as error:
        raise InvalidInput("This cannot be the size of a carton.", field=next(iter(error.message_dict))) from error
    except IntegrityError as error:
        raise InvalidInput("You have a carton of this name.", field="name") from error
    return carton


def remove_carton(*, carton_id: UUID, actor: Actor) -> None:
    """Raises NotFound (not the actor's)."""
    assert actor.organisation_id is not None, "the caller asks members alone"
    selectors.get_own_carton(carton_id, seller_id=actor.organisation_id).delete()
