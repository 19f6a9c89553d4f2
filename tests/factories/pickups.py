"""Pickups for tests, made by the real services."""

from __future__ import annotations

from datetime import date, time

from logistics.pickups import services
from logistics.pickups.services import Visit
from tests.factories.logistics import SENDER, member

TUESDAY = date(2026, 3, 3)


def visit(carrier_code="ruta", *, opens=time(14), closes=time(17), address=SENDER, note="Back door"):
    return Visit(carrier_code, opens, closes, address, note)


def booked_pickup(*, now, seller_id, day=TUESDAY, **wishes):
    return services.book_pickup(visit=visit(**wishes), day=day, actor=member(seller_id), now=now)


def confirmed_pickup(*, now, seller_id, **wishes):
    pickup = booked_pickup(now=now, seller_id=seller_id, **wishes)
    services.tell_carrier(pickup_id=pickup.id, now=now)
    pickup.refresh_from_db()
    return pickup
