"""Reads of cartons."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q

from core.errors import NotFound
from logistics.packing.models import Carton
from logistics.packing.rules import Box

MAX_CARTONS = 50


def list_cartons(seller_id: UUID) -> list[Carton]:
    """A seller's own cartons."""
    return list(Carton.objects.filter(seller_id=seller_id)[:MAX_CARTONS])


def boxes_for(seller_id: UUID | None) -> list[Box]:
    """What a seller packs into: the own cartons if there are any, else the platform's. One query."""
    cartons = list(Carton.objects.filter(Q(seller_id=None) | Q(seller_id=seller_id))[: 2 * MAX_CARTONS])
    own = [carton for carton in cartons if carton.seller_id is not None]
    return [
        Box(row.name, (row.length_mm, row.width_mm, row.height_mm), row.tare_grams, row.most_grams)
        for row in (own or cartons)
    ]  # fmt: skip


def get_own_carton(carton_id: UUID, *, seller_id: UUID) -> Carton:
    """Raises NotFound, also for other sellers' and the platform's."""
    carton = Carton.objects.filter(id=carton_id, seller_id=seller_id).first()
    if carton is None:
        raise NotFound()
    return carton
