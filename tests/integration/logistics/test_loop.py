"""A parcel from quote to delivery through the facade and the simulated carriers."""

import time
from collections import Counter
from datetime import timedelta

import pytest

from core.errors import TransitionRefused
from core.ids import new_id
from core.models import EventRecord
from logistics import facade
from logistics.contracts import (
    LabelNotReady,
    Place,
    QuoteRequest,
    ShipmentAlreadyHandedOver,
    ShipmentNotFound,
    ShipmentState,
)  # fmt: skip
from logistics.models import Promise, Shipment, ShipmentTransition, TrackingEvent
from tests.factories.logistics import (
    PARCEL,
    RECIPIENT,
    SENDER,
    booked_shipment,
    handed_over_shipment,
    member,
    quote_for,
    wanted_shipment,
)  # fmt: skip

pytestmark = pytest.mark.django_db


def published(order_id):
    return Counter(EventRecord.objects.filter(key=str(order_id)).values_list("name", flat=True))


def run_days(now, days, hours=6):
    for step in range(days * 24 // hours):
        facade.simulate_sandbox(now=now + timedelta(hours=hours * (step + 1)))


@pytest.mark.parametrize("service_code", ["ruta-24", "ruta-plus", "correo-certificado", "correo-economico"])
def test_parcels_reach_a_final_state_and_every_fact_is_published_once(now, service_code):
    shipments = [handed_over_shipment(now=now, service_code=service_code) for _ in range(8)]
    assert all(shipment.status is ShipmentState.HANDED_OVER for shipment in shipments)
    run_days(now, 40)
    for shipment in shipments:
        after = facade.get_shipment(shipment.shipment_id)
        assert after.status in {ShipmentState.DELIVERED, ShipmentState.LOST, ShipmentState.RETURNED}
        facts = published(shipment.order_id)
        assert facts["logistics.shipment.booked.v1"] == 1
        assert facts["logistics.parcel.handed_over.v1"] == 1
        assert facts["logistics.parcel.delivered.v1"] == (after.status is ShipmentState.DELIVERED)
        assert (after.kept_promise is not None) == (after.status is ShipmentState.DELIVERED)
    record = facade.carrier_promise_records()[shipments[0].carrier_code]
    assert record.total >= 6


def test_many_parcels_move_together(now):
    """Hand-overs told later and simulated weeks are set-based: statements follow events, not parcels x steps."""
    start = time.perf_counter()
    shipments = [
        booked_shipment(now=now, service_code=code) for code in ("ruta-24", "correo-economico") for _ in range(60)
    ]
    with facade.telling_carriers_later():
        for shipment in shipments:
            view = facade.hand_over(shipment_id=shipment.shipment_id, actor=member(shipment.seller_id), now=now)
            assert view.status is ShipmentState.BOOKED
    handed = time.perf_counter()
    run_days(now, 20, hours=12)
    print(f"book and declare {handed - start:.2f} s, simulate {time.perf_counter() - handed:.2f} s")
    assert Shipment.objects.filter(handed_over_at__isnull=False).count() == 120
    assert Shipment.objects.filter(delivered_at__isnull=False).count() > 100


def test_booking_twice_for_one_order_gives_one_shipment_with_its_promise(now):
    first = wanted_shipment(now=now)
    again = facade.book_shipment(
        order_id=first.order_id, seller_id=first.seller_id, buyer_id=first.buyer_id, service_code="ruta-24",
        sender=SENDER, recipient=RECIPIENT, parcel=PARCEL, quote=quote_for(now=now), reference="x", contents="y",
        actor=member(first.seller_id), now=now,
    )  # fmt: skip
    assert again.shipment_id == first.shipment_id
    promise = Promise.objects.get(shipment_id=first.shipment_id)
    assert (promise.quantile_bps, promise.model_version, promise.inputs["sheet_version"]) == (9000, "table-1", 1)
    facade.confirm_booking(shipment_id=first.shipment_id, now=now)
    confirmed = facade.confirm_booking(shipment_id=first.shipment_id, now=now)
    assert confirmed.status is ShipmentState.BOOKED
    assert published(first.order_id) == {"logistics.shipment.booked.v1": 1}


def test_cancelling_voids_the_label_and_frees_the_order(now):
    shipment = booked_shipment(now=now)
    cancelled = facade.cancel_shipment(
        shipment_id=shipment.shipment_id, actor=member(shipment.seller_id), reason="changed mind", now=now
    )
    assert cancelled.status is ShipmentState.CANCELLED
    facade.simulate_sandbox(now=now)
    assert Shipment.objects.get().voided_at is not None
    with pytest.raises(LabelNotReady):
        facade.label_pdf(shipment.shipment_id)
    with pytest.raises(TransitionRefused):
        facade.hand_over(shipment_id=shipment.shipment_id, actor=member(shipment.seller_id), now=now)
    second = booked_shipment(now=now, order_id=shipment.order_id, seller_id=shipment.seller_id)
    assert facade.find_shipment_for_order(shipment.order_id).shipment_id == second.shipment_id
    assert published(shipment.order_id)["logistics.shipment.cancelled.v1"] == 1


def test_a_parcel_with_the_carrier_cannot_be_cancelled(now):
    shipment = handed_over_shipment(now=now)
    with pytest.raises(ShipmentAlreadyHandedOver):
        facade.cancel_shipment(shipment_id=shipment.shipment_id, actor=member(shipment.seller_id), reason="", now=now)


def test_strangers_and_buyers_cannot_act_on_a_shipment(now):
    shipment = booked_shipment(now=now)
    for stranger in (member(new_id()), member(shipment.buyer_id)):
        with pytest.raises(ShipmentNotFound):
            facade.hand_over(shipment_id=shipment.shipment_id, actor=stranger, now=now)
        with pytest.raises(ShipmentNotFound):
            facade.cancel_shipment(shipment_id=shipment.shipment_id, actor=stranger, reason="", now=now)


def test_transitions_and_history_are_kept(now):
    shipment = handed_over_shipment(now=now)
    moves = ShipmentTransition.objects.filter(shipment_id=shipment.shipment_id).values_list("from_state", "to_state")
    assert list(moves) == [("BOOKING", "BOOKED"), ("BOOKED", "HANDED_OVER")]
    assert TrackingEvent.objects.get().source == "RECEIPT"
    story = facade.timeline(shipment.shipment_id)
    assert [entry.status.value for entry in story] == ["PICKED_UP", "REGISTERED"]
    assert "Promised for" in story[0].note


def test_quoting_and_listing_take_constant_queries(now, django_assert_num_queries):
    request = QuoteRequest(Place("ES", "50001"), Place("PT", "1100"), PARCEL, 1)
    facade.quote_many(requests=[request], now=now)
    with django_assert_num_queries(1):
        facade.quote_many(requests=[request] * 30, now=now)
    orders = [booked_shipment(now=now).order_id for _ in range(3)]
    with django_assert_num_queries(1):
        assert set(facade.list_shipments_for_orders(orders)) == set(orders)
