"""Webhooks and events: signed, stored raw, idempotent, late, odd, concurrent; and crashes around carrier calls."""

import json
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from core.actor import Actor, ActorKind
from core.models import EventRecord
from logistics import facade
from logistics.carriers import gateways
from logistics.carriers.proxy import CalledInsideTransaction, HttpTransport, InProcessTransport
from logistics.carriers.signatures import SIGNATURE_HEADER, TIMESTAMP_HEADER, sign
from logistics.contracts import CarrierUnavailable, ShipmentState, TrackingStatus, WebhookRejected
from logistics.models import CodeMapping, SandboxParcel, Shipment, TrackingEvent, WebhookMessage
from logistics.shipments import services as shipments
from logistics.tracking import services as tracking
from tests import world
from tests.factories.logistics import booked_shipment, handed_over_shipment, member, wanted_shipment

OPERATOR = Actor(kind=ActorKind.OPERATOR, label="op")


def body_of(shipment, event_id, code, at, **extra):
    event = {"id": event_id, "number": shipment.carrier_number, "code": code, "text": "x", "place": "Lyon"}
    return json.dumps({"events": [{**event, "at": at.isoformat(), **extra}]}).encode()


def receive(body, *, now, carrier="ruta", age=0, signature=None):
    timestamp = str(int(now.timestamp()) - age)
    made = sign(secret=settings.WEBHOOK_SECRET, carrier_code=carrier, timestamp=timestamp, body=body)
    return tracking.receive_webhook(
        carrier_code=carrier, body=body, timestamp=timestamp, signature=signature or made, now=now
    )


def count(name):
    return EventRecord.objects.filter(name=name).count()


@pytest.mark.django_db
def test_a_duplicate_webhook_changes_nothing(now):
    shipment = booked_shipment(now=now)
    body = body_of(shipment, "e1", "RX400", now)
    assert receive(body, now=now) == 1
    assert receive(body, now=now) == 0
    assert receive(body + b" ", now=now) == 0  # the same event in another message
    assert TrackingEvent.objects.count() == 1
    assert WebhookMessage.objects.count() == 2
    assert count("logistics.parcel.delivered.v1") == count("logistics.parcel.handed_over.v1") == 1


@pytest.mark.django_db
def test_late_events_fill_the_history_and_do_not_take_back_the_delivery(now):
    shipment = booked_shipment(now=now)
    receive(body_of(shipment, "e3", "RX400", now), now=now)
    receive(body_of(shipment, "e1", "RX100", now - timedelta(days=1)), now=now)
    receive(body_of(shipment, "e9", "RX200", now + timedelta(minutes=5)), now=now + timedelta(minutes=6))
    after = facade.get_shipment(shipment.shipment_id)
    assert (after.status, after.tracking_status) == (ShipmentState.DELIVERED, TrackingStatus.DELIVERED)
    assert count("logistics.parcel.delivered.v1") == 1
    assert [entry.status.value for entry in facade.timeline(shipment.shipment_id)] == [
        "IN_TRANSIT", "DELIVERED", "PICKED_UP", "REGISTERED",
    ]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("attack", ["signature", "old", "future", "carrier", "other_carrier"])
def test_webhooks_that_are_not_genuine_are_refused_and_not_stored(now, attack):
    body, stamp = body_of(booked_shipment(now=now), "e1", "RX400", now), str(int(now.timestamp()))
    options = {
        "signature": {"signature": "0" * 64}, "old": {"age": 301}, "future": {"age": -301},
        "carrier": {"carrier": "nobody"},
        "other_carrier": {
            "signature": sign(
                secret=settings.WEBHOOK_SECRET, carrier_code="correo-sur", timestamp=stamp, body=body
            )
        },
    }[attack]  # fmt: skip
    with pytest.raises(WebhookRejected):
        receive(body, now=now, **options)
    assert not WebhookMessage.objects.exists()
    assert not TrackingEvent.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"events": 3}', b'{"events": [3]}', b'{"events": [{"id": 1}]}', b"\xff"]
)
def test_unreadable_bodies_are_kept_with_their_error(now, body):
    assert receive(body, now=now) == 0
    message = WebhookMessage.objects.get()
    assert message.processed_at == now
    assert message.error


@pytest.mark.django_db
def test_an_event_that_came_before_its_number_is_taken_in_later(now):
    shipment = booked_shipment(now=now)
    number = shipment.carrier_number
    Shipment.objects.update(carrier_number="")
    assert receive(body_of(shipment, "e1", "RX100", now), now=now) == 0
    Shipment.objects.update(carrier_number=number)
    assert tracking.work_off_messages(now=now + timedelta(minutes=5)) == 1
    assert facade.get_shipment(shipment.shipment_id).status is ShipmentState.HANDED_OVER


@pytest.mark.django_db
def test_unknown_codes_wait_for_the_operator_and_then_count(now):
    shipment = handed_over_shipment(now=now)
    receive(body_of(shipment, "odd", "RX999", now + timedelta(hours=1)), now=now)
    mapping = CodeMapping.objects.get()
    assert facade.get_shipment(shipment.shipment_id).tracking_status is TrackingStatus.PICKED_UP
    assert tracking.map_code(mapping_id=mapping.id, status=TrackingStatus.ON_HOLD, actor=OPERATOR, now=now) == 1
    assert facade.get_shipment(shipment.shipment_id).tracking_status is TrackingStatus.ON_HOLD


@pytest.mark.django_db
def test_a_correction_reopens_a_delivery_and_the_second_one_is_not_told_again(now):
    shipment = booked_shipment(now=now)
    receive(body_of(shipment, "e1", "RX400", now), now=now)
    tracking.correct_event(
        shipment_id=shipment.shipment_id, event_id="e1", reason="wrong parcel scanned", actor=OPERATOR, now=now
    )
    reopened = facade.get_shipment(shipment.shipment_id)
    assert (reopened.delivered_at, reopened.kept_promise) == (None, None)
    later = now + timedelta(days=1)
    receive(body_of(shipment, "e2", "RX400", later), now=later)
    again = facade.get_shipment(shipment.shipment_id)
    assert (again.status, again.delivered_at) == (ShipmentState.DELIVERED, later)
    assert count("logistics.parcel.delivered.v1") == 1


@pytest.mark.django_db
def test_the_history_cannot_be_changed(now):
    handed_over_shipment(now=now)
    with pytest.raises(Exception, match="append-only"):
        TrackingEvent.objects.update(status="DELIVERED")


@pytest.mark.django_db
def test_a_silent_carrier_is_called_again_and_the_booking_has_one_effect(now, monkeypatch):
    class Silent:
        def call(self, *_args, **_kwargs):
            raise CarrierUnavailable()

    shipment = wanted_shipment(now=now)
    monkeypatch.setattr(gateways, "in_transaction", lambda: False)
    with gateways.using_transport(Silent()):
        assert facade.confirm_booking(shipment_id=shipment.shipment_id, now=now).status is ShipmentState.BOOKING
    assert tracking.call_carriers(now=now) == 0
    assert tracking.call_carriers(now=now + timedelta(minutes=1)) == 1
    assert facade.get_shipment(shipment.shipment_id).status is ShipmentState.BOOKED


@pytest.mark.django_db
def test_a_crash_between_the_carriers_answer_and_our_record_books_once(now, monkeypatch):
    shipment = wanted_shipment(now=now)
    with monkeypatch.context() as patch:
        patch.setattr(shipments, "record_booking", lambda **_: (_ for _ in ()).throw(SystemError("killed")))
        with pytest.raises(SystemError):
            facade.confirm_booking(shipment_id=shipment.shipment_id, now=now)
    assert facade.get_shipment(shipment.shipment_id).status is ShipmentState.BOOKING
    tracking.call_carriers(now=now)
    assert facade.get_shipment(shipment.shipment_id).carrier_number == SandboxParcel.objects.get().number
    assert count("logistics.shipment.booked.v1") == 1


@pytest.mark.django_db
def test_cancelling_while_the_carrier_is_being_asked_voids_the_booking(now):
    shipment = wanted_shipment(now=now)

    class CancelledMeanwhile(InProcessTransport):
        def call(self, carrier_code, operation, payload, *, now):
            answer = super().call(carrier_code, operation, payload, now=now)
            facade.cancel_shipment(
                shipment_id=shipment.shipment_id, actor=member(shipment.seller_id), reason="", now=now
            )
            return answer

    with gateways.using_transport(CancelledMeanwhile()):
        facade.confirm_booking(shipment_id=shipment.shipment_id, now=now)
    facade.simulate_sandbox(now=now)
    assert facade.get_shipment(shipment.shipment_id).status is ShipmentState.CANCELLED
    assert SandboxParcel.objects.get().voided_at == now
    assert count("logistics.shipment.booked.v1") == 0


@pytest.mark.django_db
def test_carriers_are_never_called_over_http_inside_a_transaction(now):
    with pytest.raises(CalledInsideTransaction):
        HttpTransport().call("ruta", "track", {"numbers": []}, now=now)


@pytest.mark.django_db
def test_inside_a_transaction_calls_over_http_are_left_to_the_task(now):
    shipment = wanted_shipment(now=now)
    with gateways.using_transport(HttpTransport()):
        assert facade.confirm_booking(shipment_id=shipment.shipment_id, now=now).status is ShipmentState.BOOKING
    assert tracking.call_carriers(now=now) == 1
    assert facade.get_shipment(shipment.shipment_id).status is ShipmentState.BOOKED


@pytest.mark.concurrent
def test_the_same_event_on_many_connections_counts_once(real_database, now):
    shipment = booked_shipment(now=now)
    bodies = [body_of(shipment, "e1", "RX400", now) + b" " * n for n in range(4)]
    _together([lambda body=body: receive(body, now=now) for body in bodies])
    assert TrackingEvent.objects.count() == 1
    assert count("logistics.parcel.delivered.v1") == 1
    assert count("logistics.tracking.updated.v1") == 1


@pytest.mark.concurrent
def test_concurrent_bookings_of_an_order_give_one_shipment(real_database, now):
    first = wanted_shipment(now=now)
    facade.cancel_shipment(shipment_id=first.shipment_id, actor=member(first.seller_id), reason="", now=now)
    found = []
    _together(
        [lambda: found.append(booked_shipment(now=now, order_id=first.order_id, seller_id=first.seller_id).shipment_id)]
        * 4
    )
    assert len(set(found)) == 1
    assert len(found) == 4
    assert count("logistics.shipment.booked.v1") == 1


def _together(acts):
    barrier = Barrier(len(acts))

    def run(act):
        try:
            barrier.wait()
            act()
        finally:
            connection.close()

    threads = [Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db
def test_the_webhook_door_and_the_carriers_api_over_http(client, now, settings):
    from core.clock import utc_now

    shipment = booked_shipment(now=now)
    at = utc_now()
    body, stamp = body_of(shipment, "e1", "RX100", at), str(int(at.timestamp()))
    headers = {
        SIGNATURE_HEADER: sign(secret=settings.WEBHOOK_SECRET, carrier_code="ruta", timestamp=stamp, body=body),
        TIMESTAMP_HEADER: stamp,
    }
    url = "/webhooks/carriers/ruta/"
    assert client.post(url, body, content_type="application/json").status_code == 401
    assert client.get(url).status_code == 405
    assert client.post(url, body, content_type="application/json", headers=headers).status_code == 202
    assert client.post(url, body, content_type="application/json", headers=headers).status_code == 202
    assert TrackingEvent.objects.count() == 1
    api = "/sandbox/carriers/ruta/track/"
    assert client.post(api, "{}", content_type="application/json").status_code == 401
    token = sign(secret=settings.WEBHOOK_SECRET, carrier_code="ruta", timestamp="api", body=b"")
    answer = client.post(
        api, json.dumps({"numbers": [shipment.carrier_number]}), content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )  # fmt: skip
    assert (answer.status_code, answer.json()) == (200, {"events": []})
    settings.LONJA = {**settings.LONJA, "SANDBOX": False}
    assert client.post(api, "{}", content_type="application/json").status_code == 404


@pytest.mark.django_db
def test_the_operator_takes_an_event_back_on_the_list_with_a_reason(now):
    shipment = booked_shipment(now=now)
    receive(body_of(shipment, "e1", "RX400", now), now=now)
    client = Client()
    client.force_login(world.person(now, is_operator=True).user)
    event = TrackingEvent.objects.get(carrier_event_id="e1")
    body = {"action": "take_back", "_selected_action": [event.id], "reason": ""}
    client.post("/admin/logistics/trackingevent/", body)
    assert facade.get_shipment(shipment.shipment_id).delivered_at is not None, "not without a reason"
    client.post("/admin/logistics/trackingevent/", body | {"reason": "wrong parcel scanned"})
    assert facade.get_shipment(shipment.shipment_id).delivered_at is None
    assert TrackingEvent.objects.filter(corrects="e1").count() == 1
