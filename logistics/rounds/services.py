"""Planning rounds, and the places of postcodes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction

from core.actor import Actor
from core.errors import InvalidInput, NotFound
from logistics.rounds import selectors
from logistics.rounds.models import Courier, PostcodePlace, Round, RoundStop
from logistics.rounds.rules import Call, Shift, Spot, Visited, length_of, plan_round
from logistics.rounds.selectors import Errand, compact

PLACES_AT_ONCE = 5_000


def plan_day(*, carrier_code: str, day: date, actor: Actor, now: datetime) -> Round:
    """Plan a courier's round of a day anew: its pickups and the parcels it holds, in order, with times.

    What has no place on the map or no time is kept aside with the reason. Operators and the system. Raises CourierNotFound,
    NotFound (others), InvalidInput (a day that is over).
    """
    if not (actor.is_operator or actor.is_system):
        raise NotFound()
    courier = selectors.get_courier(carrier_code)
    if day < now.astimezone(ZoneInfo(courier.time_zone)).date():
        raise InvalidInput("This day is over.", field="day")
    errands = selectors.list_errands(courier, day)
    known = selectors.spots_of(errand.address for errand in errands)
    placed = [(errand, spot) for errand in errands if (spot := known.get(_key(errand)))]
    shift = _shift(courier)
    calls = [_call(courier, errand, spot, day) for errand, spot in placed]
    routes, untimely = plan_round(calls, shift)
    metres = sum(length_of([stop.call for stop in route], calls, shift) for route in routes)
    with transaction.atomic():
        planned, _made = Round.objects.update_or_create(
            courier=courier, day=day,
            defaults={"metres": metres, "planned_at": now, "planned_by": actor.reference},
        )  # fmt: skip
        planned.stops.all().delete()
        stops = [_stop(planned, placed, stop, n) for route in routes for n, stop in enumerate(route, start=1)]
        stops += [_left_out(planned, placed[number][0], "NO_TIME") for number in untimely]
        stops += [_left_out(planned, errand, "NO_PLACE") for errand in errands if _key(errand) not in known]
        RoundStop.objects.bulk_create(stops)
    return planned


def plan_all(*, now: datetime) -> int:
    """Every courier's round of today; returns how many have one."""
    couriers = selectors.list_couriers()
    for courier in couriers:
        today = now.astimezone(ZoneInfo(courier.time_zone)).date()
        plan_day(carrier_code=courier.carrier_id, day=today, actor=Actor.system("rounds"), now=now)
    return len(couriers)


def _key(errand: Errand) -> tuple[str, str]:
    return errand.address.country, compact(errand.address.postcode)


def _shift(courier: Courier) -> Shift:
    return Shift(
        base=Spot(float(courier.latitude), float(courier.longitude)), begins=courier.first_hour * 3_600,
        ends=courier.last_hour * 3_600, couriers=courier.couriers, speed=courier.speed_kmh / 3.6,
        stop_seconds=courier.stop_minutes * 60,
    )  # fmt: skip


def _call(courier: Courier, errand: Errand, spot: Spot, day: date) -> Call:
    """Deliveries fit any time of the shift."""
    if errand.opens_at is None or errand.closes_at is None:
        return Call(spot, courier.first_hour * 3_600, courier.last_hour * 3_600)
    midnight = _midnight(courier, day)
    opens, closes = ((moment - midnight).total_seconds() for moment in (errand.opens_at, errand.closes_at))
    return Call(spot, round(opens), round(closes))


def _midnight(courier: Courier, day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZoneInfo(courier.time_zone))


def _stop(planned: Round, placed: Sequence[tuple[Errand, Spot]], stop: Visited, number: int) -> RoundStop:
    errand, spot = placed[stop.call]
    midnight = _midnight(planned.courier, planned.day)
    return RoundStop(
        round=planned, number=number, courier_number=stop.courier, pickup_id=errand.pickup_id,
        shipment_id=errand.shipment_id, latitude=Decimal(f"{spot.latitude:.4f}"),
        longitude=Decimal(f"{spot.longitude:.4f}"), arrives_at=midnight + timedelta(seconds=stop.arrives),
        leaves_at=midnight + timedelta(seconds=stop.leaves), metres=stop.metres,
    )  # fmt: skip


def _left_out(planned: Round, errand: Errand, reason: str) -> RoundStop:
    return RoundStop(round=planned, number=0, pickup_id=errand.pickup_id, shipment_id=errand.shipment_id, reason=reason)


def load_places(*, rows: Iterable[tuple[str, str, Decimal, Decimal]]) -> int:
    """(country, postcode or its beginning, latitude, longitude): new ones are added, known ones moved. Returns how many."""
    found = {
        (country, compact(code)): PostcodePlace(
            country=country, postcode=compact(code), latitude=latitude, longitude=longitude
        )
        for country, code, latitude, longitude in rows
    }  # fmt: skip
    PostcodePlace.objects.bulk_create(
        found.values(), update_conflicts=True, unique_fields=["country", "postcode"],
        update_fields=["latitude", "longitude"], batch_size=PLACES_AT_ONCE,
    )  # fmt: skip
    return len(found)
