"""A failing carrier is taken out and comes back; calls have a budget; checkout still offers the rest."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logistics import facade
from logistics.carriers import gateways, rules
from logistics.carriers.models import CarrierHealth
from logistics.carriers.proxy import InProcessTransport
from logistics.carriers.rules import Health
from logistics.contracts import CarrierRefused, CarrierUnavailable, Place, RejectionReason
from logistics.models import Carrier
from tests.conftest import NOW
from tests.factories.logistics import PARCEL

pytestmark = pytest.mark.django_db


class Wire(InProcessTransport):
    """A network that can be cut."""

    status = 200

    def call(self, carrier_code, operation, payload, *, now):
        if self.status == 0:
            raise CarrierUnavailable()
        if self.status != 200:
            return self.status, {"error": "no"}
        return super().call(carrier_code, operation, payload, now=now)


class Outside:
    def __init__(self, wire):
        self.wire = wire

    def call(self, *args, **kwargs):
        return self.wire.call(*args, **kwargs)


@pytest.fixture
def wire():
    cable = Wire()
    with gateways.using_transport(Outside(cable)):
        yield cable


def track(now):
    return gateways.gateway_for(Carrier.objects.get(code="ruta")).track(["RX000000000000"], now=now)


def offered(now):
    found = facade.quote(
        origin=Place("ES", "50001"), destination=Place("PT", "1100"), parcel=PARCEL, handling_days=1, now=now
    )
    gone = {item.carrier_code for item in found.rejected if item.reason is RejectionReason.CARRIER_RESTS}
    return {quote.carrier_code for quote in found.quotes}, gone


def test_five_failures_take_a_carrier_out_and_an_answer_brings_it_back(now, wire, django_assert_num_queries):
    assert offered(now)[0] == {"ruta", "correo-sur"}
    wire.status = 503
    for number in range(5):
        with pytest.raises(CarrierUnavailable, match="does not answer"):
            track(now + timedelta(seconds=number))
    at = now + timedelta(seconds=5)
    with pytest.raises(CarrierUnavailable, match="rest"):
        track(at)
    assert offered(at) == ({"correo-sur"}, {"ruta"})
    with django_assert_num_queries(1):
        offered(at)
    wire.status = 200
    later = at + rules.FIRST_REST
    assert offered(later)[0] == {"ruta", "correo-sur"}
    assert track(later) == ()
    health = CarrierHealth.objects.get(carrier_id="ruta")
    assert (health.failures, health.rest_until, health.failed_calls, health.calls) == (0, None, 5, 6)


def test_a_failure_after_the_rest_makes_it_longer(now, wire):
    wire.status = 0
    rests = []
    for _ in range(4):
        while not rests or not CarrierHealth.objects.get(carrier_id="ruta").rest_until:
            with pytest.raises(CarrierUnavailable):
                track(now)
            if CarrierHealth.objects.get(carrier_id="ruta").rest_until:
                break
        until = CarrierHealth.objects.get(carrier_id="ruta").rest_until
        rests.append((until - now).total_seconds())
        now = until
        with pytest.raises(CarrierUnavailable, match="does not answer"):
            track(now)
    assert rests[0] == 30
    assert rests == sorted(rests)


def test_a_refusal_is_an_answer(now, wire):
    wire.status = 422
    for _ in range(10):
        with pytest.raises(CarrierRefused):
            track(now)
    assert CarrierHealth.objects.get(carrier_id="ruta").failures == 0


def test_calls_beyond_the_budget_wait(now, wire):
    track(now)
    CarrierHealth.objects.update(calls_per_minute=2, tokens=2_000)
    track(now)
    track(now)
    with pytest.raises(CarrierUnavailable, match="used up"):
        track(now)
    assert CarrierHealth.objects.get(carrier_id="ruta").failures == 0
    track(now + timedelta(seconds=31))


@given(st.integers(1, 5_000), st.lists(st.integers(0, 90), max_size=30))
def test_a_budget_never_grants_more_than_it_holds(per_minute, pauses):
    health, at, made = Health(0, None, per_minute * 1000, NOW), NOW, 0
    for pause in pauses:
        at += timedelta(seconds=pause)
        health = rules.refilled(health, calls_per_minute=per_minute, now=at)
        after = rules.called(health)
        made, health = (made + 1, after) if after else (made, health)
        assert 0 <= health.tokens <= per_minute * 1000
    assert made <= per_minute + per_minute * (at - NOW).total_seconds() / 60 + 1
