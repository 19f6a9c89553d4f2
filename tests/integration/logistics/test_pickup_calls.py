"""Telling carriers of pickups: silence is asked again, a refusal waits for the operator."""

from __future__ import annotations

from datetime import timedelta

from core.actor import Actor
from core.ids import new_id
from logistics.carriers.gateways import using_transport
from logistics.pickups import services
from tests.factories.pickups import booked_pickup


class Silent:
    """Carriers that do not answer, or refuse."""

    def __init__(self, status):
        self.status = status

    def call(self, carrier_code, operation, payload, *, now):
        return self.status, {"error": "No van today."}


def test_a_carrier_that_does_not_answer_is_asked_again_and_a_refusal_waits_for_the_operator(real_database, now):
    pickup = booked_pickup(now=now, seller_id=new_id())
    with using_transport(Silent(503)):
        services.call_carriers(now=now)
    pickup.refresh_from_db()
    assert (pickup.state, pickup.call_due_at) == ("BOOKED", now + timedelta(seconds=30))
    with using_transport(Silent(409)):
        services.call_carriers(now=now + timedelta(minutes=1))
    pickup.refresh_from_db()
    assert pickup.call_due_at is None
    assert "No van today." in pickup.call_error
    services.retry_call(pickup_id=pickup.id, actor=Actor.system("operator"), now=now)
    assert services.call_carriers(now=now) == 1
    pickup.refresh_from_db()
    assert (pickup.state, pickup.call_error) == ("CONFIRMED", "")
