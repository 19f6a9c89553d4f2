"""Reads of custody."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from logistics.custody.models import Custody
from logistics.custody.rules import Line
from logistics.shipments.models import Parcel


def latest_of(parcel_ids: Iterable[int]) -> dict[int, Custody]:
    """Parcel -> the last line of its chain; one query."""
    rows = (
        Custody.objects.filter(parcel_id__any_of=list(set(parcel_ids)))
        .order_by("parcel_id", "-number")
        .distinct("parcel_id")
    )
    return {row.parcel_id: row for row in rows}


def last_lines(parcel_ids: Iterable[int]) -> dict[int, Line]:
    """`latest_of` as plain lines, for thousands of parcels."""
    rows = (
        Custody.objects.filter(parcel_id__any_of=list(set(parcel_ids)))
        .order_by("parcel_id", "-number")
        .distinct("parcel_id")
        .values_list(*Line._fields)
    )
    return {row[0]: Line(*row) for row in rows}


def parcels_of(shipment_ids: Iterable[UUID]) -> dict[UUID, list[int]]:
    """Shipment -> ids of its parcels, in order; one query."""
    found: dict[UUID, list[int]] = {}
    rows = (
        Parcel.objects.filter(shipment_id__any_of=list(set(shipment_ids)))
        .order_by("id")
        .values_list("shipment_id", "id")
    )
    for shipment, parcel in rows:
        found.setdefault(shipment, []).append(parcel)
    return found


def chains_of(shipment_id: UUID) -> list[Custody]:
    """All holders of all units of a shipment; one query."""
    lines = Custody.objects.filter(parcel__shipment_id=shipment_id).select_related("parcel")
    return list(lines.order_by("parcel_id", "number")[:1_000])
