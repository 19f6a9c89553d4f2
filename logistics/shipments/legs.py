"""Reads of the legs of shipments that several carriers carry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from logistics.contracts import ShipmentState
from logistics.shipments.models import ShipmentLeg


def _live() -> QuerySet[ShipmentLeg]:
    return ShipmentLeg.objects.filter(replaced_at=None).select_related("carrier", "service", "start", "end")


def list_legs(shipment_id: UUID) -> list[ShipmentLeg]:
    """The legs as they are to be gone, in order; empty for a shipment of one carrier. One query."""
    return list(_live().filter(shipment_id=shipment_id).order_by("number"))


def list_all_legs(shipment_id: UUID) -> list[ShipmentLeg]:
    """`list_legs` with those whose carrier was replaced, the oldest first."""
    legs = ShipmentLeg.objects.filter(shipment_id=shipment_id).select_related("carrier", "service", "start", "end")
    return list(legs.order_by("number", "id"))


def legs_of(shipment_ids: Iterable[UUID]) -> dict[UUID, list[ShipmentLeg]]:
    """Shipment -> its live legs in order; one query, none for no shipments."""
    wanted = list(set(shipment_ids))
    found: dict[UUID, list[ShipmentLeg]] = defaultdict(list)
    for leg in _live().filter(shipment_id__any_of=wanted).order_by("number") if wanted else ():
        found[leg.shipment_id].append(leg)
    return dict(found)


def legs_of_waybills(waybills: Iterable[str]) -> list[ShipmentLeg]:
    """The live legs of these shipments, in order."""
    return list(_live().filter(shipment__waybill__in=list(waybills)).order_by("shipment_id", "number"))


def legs_by_carrier_number(carrier_code: str, numbers: Iterable[str]) -> dict[str, tuple[UUID, int]]:
    """Carrier number -> (shipment, number of the leg); one query."""
    rows = ShipmentLeg.objects.filter(carrier_id=carrier_code, carrier_number__in=list(numbers)).exclude(
        carrier_number=""
    )
    return {
        number: (shipment, leg) for number, shipment, leg in rows.values_list("carrier_number", "shipment_id", "number")
    }


def list_due_legs(*, now: datetime, limit: int, carrier_code: str = "") -> list[ShipmentLeg]:
    """Legs whose carrier (or this one) is to be told that the parcel waits for it at the hub."""
    due = _live().filter(due_at__lte=now, announced_at=None, shipment__state=ShipmentState.HANDED_OVER)
    if carrier_code:
        due = due.filter(carrier_id=carrier_code)
    return list(due.exclude(carrier_number="").order_by("due_at", "id")[:limit])
