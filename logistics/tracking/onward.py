"""Parcels that go from carrier to carrier: whose number a scan has, who has carried a parcel, and who is told that it waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from logistics.carriers.ports import CarrierScan
from logistics.custody.rules import Passage, Step
from logistics.shipments.legs import legs_by_carrier_number
from logistics.shipments.models import ShipmentLeg
from logistics.tracking.merging import Course


def match_legs(scans: Sequence[CarrierScan], shipment_of: dict[tuple[str, str], UUID]) -> dict[tuple[str, str], int]:
    """(carrier, number) -> leg, for numbers of legs, whose shipments are added to `shipment_of`. Only what nobody has is asked."""
    open_ones = {(scan.carrier_code, scan.carrier_number) for scan in scans} - shipment_of.keys()
    found: dict[tuple[str, str], int] = {}
    for code in sorted({code for code, _number in open_ones}):
        numbers = {number for carrier, number in open_ones if carrier == code}
        for number, (shipment_id, leg) in legs_by_carrier_number(code, numbers).items():
            shipment_of[code, number], found[code, number] = shipment_id, leg
    return found


def passage_of(way: Sequence[ShipmentLeg], course: Course) -> Passage:
    """Who has carried the parcel so far, as far as custody must know."""
    carriers = [leg.carrier_id for leg in way]
    return Passage(
        way=tuple(carriers),
        steps=tuple(Step(begun.leg, carriers[begun.leg - 1], begun.at, begun.was_given) for begun in course.begun),
        corrected=frozenset(carriers[leg - 1] for leg in course.corrected if leg),
    )


def arrivals_of(
    ways: Mapping[UUID, Sequence[ShipmentLeg]], courses: Mapping[UUID, Course]
) -> list[tuple[UUID, datetime]]:
    """(next leg, when its carrier is to be told) of parcels that wait at a hub."""
    found = []
    for key, course in courses.items():
        leg = ways[key][course.begun[-1].leg - 1] if course.arrived_at else None
        if leg is not None and course.arrived_at is not None and leg.end is not None:
            found.append((ways[key][leg.number].id, course.arrived_at + timedelta(hours=leg.end.handling_hours)))
    return found
