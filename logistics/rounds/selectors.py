"""Reads of rounds: what is to be done on a day, where it is, and what was planned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from core.errors import NotFound
from logistics.contracts import Address, ShipmentState, TrackingStatus
from logistics.pickups.models import Pickup
from logistics.pickups.states import OPEN
from logistics.rounds.models import Courier, PostcodePlace, Round, RoundStop
from logistics.rounds.rules import MAX_STOPS, Spot
from logistics.shipments.models import Shipment, ShipmentAddress

T = TrackingStatus
NOT_BY_BIKE = (T.CUSTOMS, T.RETURNING, T.DAMAGED, T.SUSPECTED_LOST, T.ON_HOLD)
"""Statuses of parcels the courier does not deliver today."""
LEAST_PREFIX = 2


class CourierNotFound(NotFound):
    """The carrier is no small courier whose rounds are planned here."""

    message = "There is no such courier."


@dataclass(frozen=True, slots=True)
class Errand:
    """One thing to do on a day: a pickup with its window, or a parcel to deliver. Exactly one of the ids is set."""

    address: Address
    pickup_id: UUID | None = None
    shipment_id: UUID | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None


def get_courier(carrier_code: str) -> Courier:
    """Raises CourierNotFound."""
    found = Courier.objects.select_related("carrier").filter(carrier_id=carrier_code).first()
    if found is None:
        raise CourierNotFound()
    return found


def list_couriers() -> list[Courier]:
    return list(Courier.objects.select_related("carrier").order_by("carrier_id")[:100])


def list_errands(courier: Courier, day: date) -> list[Errand]:
    """The pickups of the day, then the parcels the courier holds, at most MAX_STOPS; three queries."""
    rows = Pickup.objects.filter(carrier_id=courier.carrier_id, day=day, state__in=OPEN).order_by("opens_at", "id")
    pickups = [Errand(row.address, row.id, None, row.opens_at, row.closes_at) for row in rows[:MAX_STOPS]]
    held = Shipment.objects.filter(carrier_id=courier.carrier_id, state=ShipmentState.HANDED_OVER)
    ids = list(
        held.exclude(tracking_status__in=NOT_BY_BIKE)
        .order_by("promise__latest_date", "id")
        .values_list("id", flat=True)[: MAX_STOPS - len(pickups)]
    )
    doors = addresses_of(ids)
    return [*pickups, *(Errand(doors[key], None, key) for key in ids)]


def addresses_of(shipment_ids: Sequence[UUID]) -> dict[UUID, Address]:
    """Shipment -> where it goes; one query."""
    rows = ShipmentAddress.objects.filter(shipment_id__in=list(shipment_ids), kind="RECIPIENT")
    return {
        row.shipment_id: Address(
            name=row.name, street=row.street, city=row.city, postcode=row.postcode, country=row.country,
            region=row.region, phone=row.phone,
        )
        for row in rows
    }  # fmt: skip


def door_of(stop: RoundStop, doors: Mapping[UUID, Address]) -> Address | None:
    """Where to ring: the pickup's door, or the one of the parcel among `doors`."""
    if stop.pickup is not None:
        return stop.pickup.address
    return doors.get(stop.shipment_id) if stop.shipment_id else None


def spots_of(addresses: Iterable[Address]) -> dict[tuple[str, str], Spot]:
    """(country, postcode) -> its place: the postcode's own, else of the longest known beginning; one query."""
    wanted = {(at.country, compact(at.postcode)) for at in addresses}
    beginnings = {code[:length] for _, code in wanted for length in range(LEAST_PREFIX, len(code) + 1)}
    rows = PostcodePlace.objects.filter(country__in={country for country, _ in wanted}, postcode__in=beginnings)
    known = {(row.country, row.postcode): Spot(float(row.latitude), float(row.longitude)) for row in rows}
    found = {}
    for country, code in wanted:
        lengths = range(len(code), LEAST_PREFIX - 1, -1)
        spot = next((known[country, code[:n]] for n in lengths if (country, code[:n]) in known), None)
        if spot is not None:
            found[country, code] = spot
    return found


def compact(postcode: str) -> str:
    """Letters and digits only, as postcodes are stored."""
    return "".join(letter for letter in postcode.upper() if letter.isalnum())[:12]


def find_round(courier: Courier, day: date) -> Round | None:
    return Round.objects.filter(courier=courier, day=day).first()


def stops_of(planned: Round) -> list[RoundStop]:
    """By courier and number, those left out first; one query."""
    rows = RoundStop.objects.filter(round=planned).select_related("pickup", "shipment")
    return list(rows.order_by("courier_number", "number", "id")[: MAX_STOPS + 1])
