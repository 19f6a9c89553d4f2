"""One holder at any time: followed from carriers' news, scanned by both sides, in bags, and kept by the database."""

import itertools
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction

from core.errors import InvalidInput, NotFound
from logistics import facade
from logistics.contracts import IncidentReason, ShipmentState, TrackingStatus
from logistics.custody import rules, selectors, services
from logistics.custody.services import NotTheHolder, UnitIsBagged
from logistics.models import Bag, BagParcel, Custody, LaneGap, Parcel, Shipment, TrackingEvent
from logistics.shipments.rules import sscc
from logistics.tracking import services as tracking
from tests.factories.logistics import booked_shipment, handed_over_shipment
from tests.integration.logistics.test_webhooks import OPERATOR, body_of, receive

HUB = "CARRIER:hub"


def holders(shipment):
    chain = Custody.objects.filter(parcel__shipment_id=shipment.shipment_id).order_by("number")
    return [(rules.kind_of(line.holder), line.basis) for line in chain]


def holder_at(parcel_id, at):
    """Who held the unit at that moment; empty before it existed."""
    row = Custody.objects.filter(parcel_id=parcel_id, since__lte=at).order_by("-number").first()
    return row.holder if row else ""


def parcel_of(shipment):
    return Parcel.objects.get(shipment_id=shipment.shipment_id)


@pytest.mark.django_db
def test_a_delivered_parcel_went_from_seller_to_carrier_to_buyer(now):
    shipment = handed_over_shipment(now=now)
    assert holders(shipment) == [("SELLER", "CREATED"), ("CARRIER", "BOTH")]
    receive(body_of(shipment, "e", "RX400", now + timedelta(days=2)), now=now + timedelta(days=2))
    assert [kind for kind, _ in holders(shipment)] == ["SELLER", "CARRIER", "BUYER"]
    parcel = parcel_of(shipment)
    assert holder_at(parcel.id, now - timedelta(days=9)) == ""
    assert rules.kind_of(holder_at(parcel.id, now + timedelta(days=1))) == "CARRIER"
    assert rules.kind_of(holder_at(parcel.id, now + timedelta(days=3))) == "BUYER"


@pytest.mark.django_db
def test_a_carrier_that_scans_alone_has_the_parcel_and_a_delivery_without_scans_went_through_it(now):
    alone, at_once = booked_shipment(now=now), booked_shipment(now=now)
    receive(body_of(alone, "a", "RX100", now + timedelta(hours=1)), now=now + timedelta(hours=1))
    assert holders(alone) == [("SELLER", "CREATED"), ("CARRIER", "TAKER")]
    receive(body_of(at_once, "b", "RX400", now + timedelta(days=1)), now=now + timedelta(days=1))
    assert [kind for kind, _ in holders(at_once)] == ["SELLER", "CARRIER", "BUYER"]


@pytest.mark.django_db
def test_a_corrected_delivery_gives_the_parcel_back_to_the_carrier(now):
    shipment = handed_over_shipment(now=now)
    receive(body_of(shipment, "e", "RX400", now + timedelta(days=2)), now=now + timedelta(days=2))
    tracking.correct_event(
        shipment_id=shipment.shipment_id, event_id="e", reason="wrong door", actor=OPERATOR, now=now + timedelta(days=3)
    )
    assert holders(shipment)[-1] == ("CARRIER", "CORRECTION")


@pytest.mark.django_db
def test_scans_of_both_sides_between_two_carriers(now):
    shipment = handed_over_shipment(now=now)
    parcel, later = parcel_of(shipment), now + timedelta(hours=5)
    with pytest.raises(NotTheHolder):
        services.scan_out(sscc=parcel.sscc, party=HUB, to="CARRIER:ruta", at=later, now=later)
    services.scan_out(sscc=parcel.sscc, party="CARRIER:ruta", to=HUB, at=later, now=later)
    assert selectors.latest_of([parcel.id])[parcel.id].holder == "CARRIER:ruta"
    with pytest.raises(InvalidInput):
        services.scan_in(sscc=parcel.sscc, party=HUB, at=now - timedelta(days=1), now=later)
    assert services.scan_in(sscc=parcel.sscc, party=HUB, at=later, now=later) == 1
    assert services.scan_in(sscc=parcel.sscc, party=HUB, at=later, now=later) == 0
    assert services.scan_in(sscc=parcel.sscc, party="CARRIER:ruta", at=later, now=later) == 1
    assert [basis for _, basis in holders(shipment)] == ["CREATED", "BOTH", "BOTH", "TAKER"]
    with pytest.raises(NotFound):
        services.scan_in(sscc="0" * 18, party=HUB, at=later, now=later)


@pytest.mark.django_db
def test_what_happens_to_a_bag_happens_to_its_parcels(now):
    shipments = [handed_over_shipment(now=now) for _ in range(3)]
    units, later = [parcel_of(shipment).sscc for shipment in shipments], now + timedelta(hours=3)
    bag = sscc(900_000)
    with pytest.raises(NotTheHolder):
        services.close_bag(sscc=bag, parcel_ssccs=units, party=HUB, actor=OPERATOR, now=later)
    services.close_bag(sscc=bag, parcel_ssccs=units, party="CARRIER:ruta", actor=OPERATOR, now=later)
    with pytest.raises(UnitIsBagged):
        services.scan_in(sscc=units[0], party=HUB, at=later, now=later)
    with pytest.raises(UnitIsBagged):
        services.close_bag(sscc=sscc(900_001), parcel_ssccs=units, party="CARRIER:ruta", actor=OPERATOR, now=later)
    services.scan_out(sscc=bag, party="CARRIER:ruta", to=HUB, at=later, now=later)
    assert services.scan_in(sscc=bag, party=HUB, at=later, now=later) == 3
    assert Bag.objects.get().holder == HUB
    with pytest.raises(NotTheHolder):
        services.open_bag(sscc=bag, party="CARRIER:ruta", actor=OPERATOR, now=later)
    assert services.open_bag(sscc=bag, party=HUB, actor=OPERATOR, now=later) == 3
    assert not BagParcel.objects.filter(is_inside=True).exists()
    assert services.scan_in(sscc=units[0], party="CARRIER:ruta", at=later, now=later) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "line",
    [{"number": 3, "giver": "SELLER:x", "holder": "BUYER:y"}, {"number": 4, "giver": "CARRIER:ruta", "holder": "BUYER:y"},
     {"number": 2, "giver": "CARRIER:ruta", "holder": "BUYER:y"}, {"number": 3, "giver": "CARRIER:ruta", "holder": "CARRIER:ruta"},
     {"number": 1, "giver": "", "holder": "BUYER:y"}, {"number": 3, "giver": "CARRIER:ruta", "holder": ""}],
)  # fmt: skip
def test_the_database_keeps_the_chain(now, line):
    parcel = parcel_of(handed_over_shipment(now=now))
    with pytest.raises(Exception, match=r"custody|holds|one_holder"), transaction.atomic():
        Custody.objects.create(parcel=parcel, basis="TAKER", since=now + timedelta(days=1), recorded_at=now, **line)
    with pytest.raises(Exception, match="only who holds"), transaction.atomic():
        Custody.objects.create(
            parcel=parcel, number=3, giver="CARRIER:ruta", holder="BUYER:y", basis="TAKER",
            since=now - timedelta(days=1), recorded_at=now,
        )  # fmt: skip
    with pytest.raises(Exception, match="append-only"), transaction.atomic():
        Custody.objects.update(holder="BUYER:y")


@pytest.mark.concurrent
def test_two_parties_that_scan_at_once_hold_it_one_after_the_other(real_database, now):
    shipment = handed_over_shipment(now=now)
    parcel, later = parcel_of(shipment), now + timedelta(hours=1)
    barrier = Barrier(4)

    def run(party):
        try:
            barrier.wait()
            services.scan_in(sscc=parcel.sscc, party=party, at=later, now=later)
        finally:
            connection.close()

    threads = [Thread(target=run, args=(f"CARRIER:{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    chain = selectors.chains_of(parcel.shipment_id)
    assert [line.number for line in chain] == list(range(1, 7))
    assert all(one.holder == two.giver for one, two in itertools.pairwise(chain))


@pytest.mark.django_db
def test_a_silent_parcel_is_suspected_lost_until_the_carrier_scans_it_again(now):
    shipment = handed_over_shipment(now=now)
    assert tracking.suspect_silent_parcels(now=now + timedelta(days=6)) == 0
    late = now + timedelta(days=8)
    assert tracking.suspect_silent_parcels(now=late) == 1
    assert tracking.suspect_silent_parcels(now=late) == 0
    view = facade.get_shipment(shipment.shipment_id)
    assert (view.status, view.tracking_status) == (ShipmentState.HANDED_OVER, TrackingStatus.SUSPECTED_LOST)
    event = TrackingEvent.objects.get(source="PLATFORM")
    assert event.reason_code == IncidentReason.PARCEL_BEING_RESEARCHED
    receive(body_of(shipment, "late", "RX210", now + timedelta(days=1)), now=late + timedelta(hours=1))
    assert facade.get_shipment(shipment.shipment_id).tracking_status is TrackingStatus.AT_HUB
    assert Shipment.objects.get().silent_at is not None


@pytest.mark.django_db
def test_lanes_teach_how_long_they_are_silent(now, monkeypatch):
    shipments = [handed_over_shipment(now=now) for _ in range(4)]
    for number, shipment in enumerate(shipments):
        at = now + timedelta(hours=70 + number)
        receive(body_of(shipment, "end", "RX400", at), now=at)
    later = now + timedelta(days=9)
    assert tracking.learn_lane_gaps(now=later) == 1
    gap = LaneGap.objects.get()
    assert (gap.service_id, gap.destination_country, gap.gaps) == ("ruta-24", "PT", 4)
    assert 72 <= gap.hours <= 74
    assert tracking.learn_lane_gaps(now=later) == 1
    LaneGap.objects.update(gaps=500)
    fresh = handed_over_shipment(now=later)
    assert Shipment.objects.get(id=fresh.shipment_id).silent_at == later + timedelta(hours=gap.hours)
