"""A route as one carrier: its gateway books, announces, follows and cancels leg by leg at the carriers that go them.

Every leg is booked under its own reference, so asking twice is harmless. A carrier that refuses a leg, or stays silent, is replaced
by another that goes the same way; what was promised and paid stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final
from uuid import UUID

from django.db import transaction

from core.actor import Actor
from core.audit.services import record
from core.errors import DomainError
from core.ids import new_id
from core.statements import insert
from logistics.carriers.gateways import gateway_for, register_gateway
from logistics.carriers.ports import BookingOrder, CarrierScan
from logistics.contracts import Address, CarrierRefused, CarrierUnavailable, QuotedLeg
from logistics.network.models import Hub
from logistics.network.services import list_substitutes
from logistics.rates.rules import ROUTE_GATEWAY
from logistics.shipments.legs import legs_of_waybills, list_all_legs, list_legs
from logistics.shipments.models import Shipment, ShipmentLeg

TRIES: Final = 3
"""Times a silent carrier is asked before another one goes its leg."""
MOST_CARRIERS: Final = 5
"""Carriers tried for one leg."""
FIRST_RETRY: Final = timedelta(minutes=5)
LONGEST_RETRY: Final = timedelta(hours=6)
MOST_ATTEMPTS: Final = 20
SYSTEM: Final = Actor.system("routes")


class RouteGateway:
    """CarrierGateway of the carrier that stands for several. Called outside of transactions, as every gateway."""

    def book(self, order: BookingOrder, *, now: datetime) -> str:
        """Our own waybill, once every leg has its carrier's number. What is booked stays booked when a later leg fails."""
        shipment = Shipment.objects.get(id=order.reference)
        for leg in list_legs(shipment.id):
            if not leg.carrier_number:
                _book_leg(leg, order, now=now)
        return shipment.waybill

    def cancel(self, reference: str, *, now: datetime) -> None:
        for leg in list_all_legs(UUID(reference)):
            if leg.carrier_number:
                gateway_for(leg.carrier).cancel(str(leg.id), now=now)

    def announce_hand_over(self, carrier_numbers: Sequence[str], *, now: datetime) -> tuple[CarrierScan, ...]:
        """The first legs' carriers have the parcels."""
        return announce_legs([leg for leg in legs_of_waybills(carrier_numbers) if leg.number == 1], now=now)

    def track(self, carrier_numbers: Sequence[str], *, now: datetime) -> tuple[CarrierScan, ...]:
        """What the carriers know that were told of the parcels. One that is silent does not hide the others' news."""
        told = [leg for leg in legs_of_waybills(carrier_numbers) if leg.announced_at is not None]
        scans: list[CarrierScan] = []
        silent: CarrierUnavailable | None = None
        for legs in _by_carrier(told):
            try:
                scans += gateway_for(legs[0].carrier).track([leg.carrier_number for leg in legs], now=now)
            except CarrierUnavailable as error:
                silent = error
        if silent is not None and not scans:
            raise silent
        return tuple(scans)


register_gateway(ROUTE_GATEWAY, lambda _carrier: RouteGateway())


def create_legs(*, shipment: Shipment, legs: Sequence[QuotedLeg]) -> None:
    """The legs as they were sold, in the caller's transaction; nothing for a shipment of one carrier."""
    insert(*(
        ShipmentLeg(
            id=new_id(), shipment=shipment, number=number, service_id=leg.service_code, carrier_id=leg.carrier_code,
            start_id=leg.start or None, end_id=leg.end or None, price_minor=leg.price.minor,
            currency=leg.price.currency,
        )
        for number, leg in enumerate(legs, start=1)
    ))  # fmt: skip


def announce_legs(legs: Iterable[ShipmentLeg], *, now: datetime) -> tuple[CarrierScan, ...]:
    """Tell carriers that these parcels are with them, or wait for them at the hub; their receipts. Raises what they answer."""
    receipts: list[CarrierScan] = []
    for of_one in _by_carrier(legs):
        receipts += gateway_for(of_one[0].carrier).announce_hand_over([leg.carrier_number for leg in of_one], now=now)
        told = [leg.id for leg in of_one]
        ShipmentLeg.objects.filter(id__in=told, announced_at=None).update(announced_at=now, due_at=None, error="")
    return tuple(receipts)


def note_silence(*, legs: Iterable[ShipmentLeg], error: DomainError, now: datetime) -> None:
    """The carrier at the hub did not answer; it is told again, each time after twice as long."""
    for leg in legs:
        delay = min(FIRST_RETRY * 2**leg.attempts, LONGEST_RETRY)
        attempts = min(leg.attempts + 1, MOST_ATTEMPTS)
        ShipmentLeg.objects.filter(id=leg.id).update(error=error.message[:200], attempts=attempts, due_at=now + delay)


def await_next_legs(*, arrivals: Iterable[tuple[UUID, datetime]]) -> None:
    """(leg, moment) from when on its carrier is to be told that the parcel waits; once. In the caller's transaction."""
    for leg_id, due_at in arrivals:
        ShipmentLeg.objects.filter(id=leg_id, announced_at=None, due_at=None).update(due_at=due_at)


def _by_carrier(legs: Iterable[ShipmentLeg]) -> list[list[ShipmentLeg]]:
    ordered = sorted((leg for leg in legs if leg.carrier_number), key=lambda leg: leg.carrier_id)
    return [list(of_one) for _code, of_one in groupby(ordered, key=lambda leg: leg.carrier_id)]


# ------------------------------------------------------------------------------------------------ booking a leg


def _book_leg(leg: ShipmentLeg, order: BookingOrder, *, now: datetime) -> None:
    """Book, or let another carrier book. Raises CarrierUnavailable to be asked again, CarrierRefused when nobody is left."""
    for _ in range(MOST_CARRIERS):
        try:
            number = gateway_for(leg.carrier).book(_part_of(order, leg), now=now)
        except (CarrierUnavailable, CarrierRefused) as error:
            leg.attempts, leg.error = leg.attempts + 1, error.message[:200]
            leg.save(update_fields=["attempts", "error"])
            if isinstance(error, CarrierUnavailable) and leg.attempts < TRIES:
                raise CarrierUnavailable(_told(leg)) from error
            leg = _replace(leg, order, now=now)
        else:
            leg.carrier_number, leg.booked_at, leg.error = number, now, ""
            leg.save(update_fields=["carrier_number", "booked_at", "error"])
            return
    raise CarrierRefused(_told(leg))


def _told(leg: ShipmentLeg) -> str:
    return f"Leg {leg.number}, {leg.carrier.name}: {leg.error}"


def _part_of(order: BookingOrder, leg: ShipmentLeg) -> BookingOrder:
    """The leg as its carrier sees it: from door or hub to hub or door. Who carries to a hub learns nothing of the recipient."""
    return BookingOrder(
        reference=str(leg.id), service_code=leg.service_id,
        sender=_at_hub(leg.start) if leg.start else order.sender,
        recipient=_at_hub(leg.end) if leg.end else order.recipient, parcel=order.parcel,
    )  # fmt: skip


def _at_hub(hub: Hub) -> Address:
    return Address(name=f"Lonja {hub.code}", street=f"Hub {hub.code}", city=hub.city, postcode="", country=hub.country)


def _replace(leg: ShipmentLeg, order: BookingOrder, *, now: datetime) -> ShipmentLeg:
    """The cheapest other carrier that was not tried for this leg. Raises CarrierRefused when there is none."""
    tried = {row.carrier_id for row in list_all_legs(leg.shipment_id) if row.number == leg.number}
    others = list_substitutes(
        start=leg.start, end=leg.end, origin=order.sender.place, destination=order.recipient.place,
        parcel=order.parcel, currency=leg.currency, without=tried, now=now,
    )  # fmt: skip
    if not others:
        raise CarrierRefused(_told(leg))
    chosen = others[0]
    with transaction.atomic():
        ShipmentLeg.objects.filter(id=leg.id).update(replaced_at=now)
        new = ShipmentLeg.objects.create(
            shipment_id=leg.shipment_id, number=leg.number, service_id=chosen.service_code,
            carrier_id=chosen.carrier_code, start=leg.start, end=leg.end, price_minor=chosen.price.minor,
            currency=leg.currency,
        )  # fmt: skip
        record(
            actor=SYSTEM, action="logistics.leg_replaced", subject_type="shipment", subject_id=leg.shipment_id, now=now,
            leg=leg.number, carrier=leg.carrier_id, by=chosen.carrier_code, reason=leg.error,
        )  # fmt: skip
    return new
