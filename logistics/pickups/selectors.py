"""Reads of pickups, and of the parcels that wait for one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Min, Q, QuerySet, Sum

from core.actor import Actor
from logistics.contracts import Address, ShipmentPurpose, ShipmentState
from logistics.pickups.models import Pickup, PickupSchedule, PickupTerms
from logistics.pickups.rules import CarrierDoesNotCollect, PickupNotFound, collects_in
from logistics.pickups.states import OPEN
from logistics.rates.selectors import current_table
from logistics.shipments.legs import with_taker
from logistics.shipments.models import Shipment
from logistics.shipments.selectors import addresses_of

MAX_PARCELS = 200
MAX_SCHEDULES = 50


def get_terms(carrier_code: str) -> PickupTerms:
    """Raises CarrierDoesNotCollect."""
    found = PickupTerms.objects.select_related("carrier").filter(carrier_id=carrier_code, carrier__is_active=True)
    row = found.first()
    if row is None:
        raise CarrierDoesNotCollect()
    return row


def list_terms(*, country: str, now: datetime) -> list[PickupTerms]:
    """Of carriers that can be asked to come (in that country, if one is given), by name."""
    rows = PickupTerms.objects.filter(carrier__is_active=True).select_related("carrier").order_by("carrier__name")
    if not country:
        return list(rows[:100])
    table, _spent = current_table(now=now)
    return [row for row in rows[:100] if collects_in(table, row.carrier_id, country)]


def get_pickup_for(pickup_id: UUID, *, actor: Actor) -> Pickup:
    """For the seller and operators. Raises PickupNotFound for everyone else."""
    pickup = Pickup.objects.select_related("carrier", "schedule").filter(id=pickup_id).first()
    if pickup is None or not (actor.is_operator or actor.acts_for(pickup.seller_id)):
        raise PickupNotFound()
    return pickup


def lock_pickup(pickup_id: UUID) -> Pickup:
    """The row, locked until the transaction ends. Raises PickupNotFound."""
    rows = Pickup.objects.select_for_update(of=("self",)).select_related("carrier")
    pickup = rows.filter(id=pickup_id).first()
    if pickup is None:
        raise PickupNotFound()
    return pickup


def list_pickups(actor: Actor) -> QuerySet[Pickup]:
    """The actor's pickups (operators: all), the latest day first; page it."""
    rows = Pickup.objects.select_related("carrier").annotate(collected=Count("parcels")).order_by("-day", "-id")
    if actor.is_operator:
        return rows
    return rows.filter(seller_id=actor.organisation_id) if actor.organisation_id else rows.none()


def list_schedules(seller_id: UUID) -> list[PickupSchedule]:
    """A seller's standing bookings."""
    rows = PickupSchedule.objects.filter(seller_id=seller_id, ended_at=None).select_related("carrier")
    return list(rows[:MAX_SCHEDULES])


def lock_schedule(schedule_id: UUID) -> PickupSchedule:
    """Raises PickupNotFound."""
    row = PickupSchedule.objects.select_for_update().filter(id=schedule_id).first()
    if row is None:
        raise PickupNotFound()
    return row


def _waiting(seller_id: UUID) -> QuerySet[Any]:
    ready = Shipment.objects.filter(seller_id=seller_id, state=ShipmentState.BOOKED, handover_declared_at=None)
    return with_taker(ready)


def ready_of(seller_id: UUID, carrier_code: str) -> QuerySet[Shipment]:
    """Parcels of a seller with a label of that carrier that nobody has collected or brought yet, the most urgent first."""
    rows = _waiting(seller_id).filter(taker=carrier_code)
    return rows.select_related("service", "promise").order_by("promise__ship_by", "id")


def parcels_of(pickup: Pickup) -> list[Shipment]:
    """What went with a pickup, or what would go with an open one."""
    if pickup.state in OPEN:
        return list(ready_of(pickup.seller_id, pickup.carrier_id)[:MAX_PARCELS])
    rows = Shipment.objects.filter(pickup_parcel__pickup=pickup).select_related("service", "promise")
    return list(rows.order_by("id")[:MAX_PARCELS])


def weight_of(shipments: Iterable[Shipment]) -> int:
    """Grams of all their parcels; one query."""
    ids = [row.id for row in shipments]
    return int(Shipment.objects.filter(id__in=ids).aggregate(grams=Sum("parcels__weight_grams"))["grams"] or 0)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Parcels of one carrier that wait to be given away, and when it comes next."""

    carrier_code: str
    carrier_name: str
    parcels: int
    ship_by: datetime
    next_pickup: Pickup | None
    collects: bool

    @property
    def is_late(self) -> bool:
        """The carrier comes after the moment the most urgent parcel should be given away."""
        return self.next_pickup is not None and self.next_pickup.opens_at > self.ship_by


def list_waiting(seller_id: UUID) -> list[Waiting]:
    """By carrier, what waits to be given away; three queries."""
    rows = (
        _waiting(seller_id)
        .values_list("taker", "taker_name")
        .annotate(waiting=Count("id"), ship_by=Min("promise__ship_by"))
        .order_by("taker_name")[:100]
    )
    found = list(rows)
    coming = next_pickups(seller_id) if found else {}
    collecting = set(PickupTerms.objects.filter(carrier__is_active=True).values_list("carrier_id", flat=True))
    return [
        Waiting(code, name, parcels, ship_by, coming.get(code), code in collecting)
        for code, name, parcels, ship_by in found
    ]


def next_pickups(seller_id: UUID) -> dict[str, Pickup]:
    """Carrier -> the seller's next open pickup; one query."""
    rows = Pickup.objects.filter(seller_id=seller_id, state__in=OPEN).order_by("carrier_id", "opens_at")
    return {row.carrier_id: row for row in rows.distinct("carrier_id")}


def usual_door(seller_id: UUID) -> Address | None:
    """Where the carrier rang last, else where the seller's parcels under way came from; to fill in the form."""
    door = Pickup.objects.filter(seller_id=seller_id).order_by("-day", "-id").first()
    if door is not None:
        return door.address
    moving = Shipment.objects.filter(
        seller_id=seller_id, state__in=(ShipmentState.BOOKED, ShipmentState.HANDED_OVER), purpose=ShipmentPurpose.ORDER
    )
    newest = moving.order_by("-booked_at").values_list("id", flat=True).first()
    return addresses_of(newest)[0] if newest else None


def list_due_calls(*, now: datetime, limit: int) -> list[UUID]:
    """Pickups a carrier still has to be told of."""
    rows = Pickup.objects.filter(call_due_at__lte=now).order_by("call_due_at", "id")
    return list(rows.values_list("id", flat=True)[:limit])


def list_over(*, before: datetime, limit: int) -> list[UUID]:
    """Open pickups whose window ended before a moment."""
    rows = Pickup.objects.filter(state__in=OPEN, closes_at__lte=before).order_by("closes_at", "id")
    return list(rows.values_list("id", flat=True)[:limit])


def list_schedules_to_make(*, until: date, limit: int) -> list[UUID]:
    """Standing bookings whose pickups are not made up to that day."""
    rows = PickupSchedule.objects.filter(ended_at=None, made_until__lt=until).order_by("made_until", "id")
    return list(rows.values_list("id", flat=True)[:limit])


def given_away(pickup: Pickup, *, now: datetime) -> list[UUID]:
    """Parcels of the pickup's seller and carrier that changed hands from its day on and went with no other pickup."""
    rows = Shipment.objects.filter(
        seller_id=pickup.seller_id, state=ShipmentState.HANDED_OVER, handed_over_at__gte=pickup.opens_at,
        handed_over_at__lte=now, pickup_parcel=None,
    )  # fmt: skip
    rows = with_taker(rows).filter(taker=pickup.carrier_id)
    return list(rows.order_by("id").values_list("id", flat=True)[:MAX_PARCELS])


def days_taken(schedule: PickupSchedule, days: Sequence[date]) -> set[date]:
    """Days of these on which the carrier comes to the seller anyway, or on which this standing booking had its pickup."""
    rows = Pickup.objects.filter(
        Q(state__in=OPEN) | Q(schedule=schedule), seller_id=schedule.seller_id, carrier_id=schedule.carrier_id,
        day__in=days,
    )  # fmt: skip
    return set(rows.values_list("day", flat=True))
