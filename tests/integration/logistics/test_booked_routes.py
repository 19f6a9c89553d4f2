"""Routes that are booked: one number, a carrier for each leg, one story, one holder at a time; and what goes wrong on the way."""

from datetime import timedelta

import pytest
from django.test import Client

from core.actor import Actor
from logistics import facade
from logistics.carriers import gateways
from logistics.carriers.models import Carrier, SandboxParcel
from logistics.carriers.ports import CarrierScan
from logistics.carriers.proxy import ContractGateway
from logistics.claims import services as claims
from logistics.claims.models import Claim
from logistics.contracts import (
    Address,
    CarrierRefused,
    CarrierUnavailable,
    ParcelSpec,
    RejectionReason,
    ShipmentState,
    TrackingStatus,
)
from logistics.custody import services as custody
from logistics.custody.models import Custody
from logistics.network.models import Link
from logistics.rates import selectors as rates
from logistics.rates.models import Rate
from logistics.rates.services import bump_revision
from logistics.shipments.label import layout
from logistics.shipments.models import Parcel, Shipment, ShipmentLeg
from logistics.shipments.selectors import labels_for
from logistics.shipments.services import retry_call
from logistics.tracking import selectors, services, simulation
from logistics.tracking.services import ingest_scans
from tests import world
from tests.factories.logistics import SENDER, booked_shipment, member, wanted_shipment

pytestmark = pytest.mark.django_db
T = TrackingStatus
MEXICO = Address("Ana Prueba", "Calle 5", "Puebla", "72000", "MX", phone="+52 911 222 333")
LISBON = Address("Ana Prueba", "Rua Augusta 10", "Lisboa", "1100-053", "PT")
PARCEL = ParcelSpec(1_200, 300, 200, 100)


@pytest.fixture(autouse=True)
def _fresh_table(monkeypatch):
    monkeypatch.setattr(rates, "_cached", None)


def ask(now, to=MEXICO, parcel=PARCEL):
    return facade.quote(origin=SENDER, destination=to, parcel=parcel, handling_days=1, now=now)


def wanted(now, **more):
    return wanted_shipment(now=now, service_code="route", recipient=MEXICO, **more)


def booked(now, **more):
    return booked_shipment(now=now, service_code="route", recipient=MEXICO, **more)


def legs_of(shipment):
    return list(ShipmentLeg.objects.filter(shipment_id=shipment.shipment_id, replaced_at=None).order_by("number"))


def tell(shipment, leg, status, at, *, name=""):
    row = legs_of(shipment)[leg - 1]
    name = name or f"{status}-{at:%d%H}"
    scan = CarrierScan(row.carrier_id, row.carrier_number, name, "x", "", "", T(status), at)
    return ingest_scans(scans=[scan], source="POLL", now=at)


def status(shipment):
    return facade.get_shipment(shipment.shipment_id).tracking_status


def holders(shipment):
    lines = Custody.objects.filter(parcel__shipment_id=shipment.shipment_id).order_by("number")
    return [(line.holder if "CARRIER" in line.holder else line.holder.split(":")[0], line.basis) for line in lines]


def test_a_route_is_offered_where_it_is_cheaper_and_said_to_be_no_better_elsewhere(now, django_assert_num_queries):
    offers = ask(now).quotes
    route = offers[0]
    assert (route.service_code, route.carrier_name) == ("route", "Lonja")
    assert route.price == sum((leg.price for leg in route.legs[1:]), route.legs[0].price)
    assert (route.legs[0].start, route.legs[-1].end) == ("", "")
    assert all(one.end == two.start for one, two in zip(route.legs, route.legs[1:], strict=False))
    assert all(route.price < quote.price for quote in offers[1:])
    with django_assert_num_queries(1):
        found = ask(now, LISBON)
    assert all(not quote.legs for quote in found.quotes)
    reasons = {item.service_code: item.reason for item in found.rejected}
    assert (reasons["route"], reasons["troncal-bolsa"]) == (RejectionReason.NO_BETTER_ROUTE, RejectionReason.HUBS_ONLY)


def test_a_route_is_offered_where_nobody_goes_alone(now):
    direct = Rate.objects.filter(origin_zone="IBERIA", destination_zone="LATIN").exclude(service_id="troncal-bolsa")
    direct.update(destination_zone="NOWHERE")
    bump_revision()
    assert [quote.service_code for quote in ask(now).quotes] == ["route"]
    Carrier.objects.filter(code="lonja").update(is_active=False)
    bump_revision()
    assert not ask(now).quotes


def test_one_number_and_a_booking_for_each_leg(now):
    shipment = booked(now)
    legs = legs_of(shipment)
    assert shipment.status is ShipmentState.BOOKED
    assert shipment.carrier_number == shipment.tracking_number
    assert len({leg.carrier_number for leg in legs}) == len(legs) >= 3
    assert [leg.number for leg in legs] == list(range(1, len(legs) + 1))
    assert sum(leg.price_minor for leg in legs) == Shipment.objects.get(id=shipment.shipment_id).price_minor
    assert booked(now, order_id=shipment.order_id, seller_id=shipment.seller_id).shipment_id == shipment.shipment_id
    (label,) = labels_for([shipment.shipment_id], actor=member(shipment.seller_id))
    texts = [text.text for text in layout(label).texts]
    assert shipment.tracking_number in texts
    assert f"ES-{legs[0].end_id}" in texts
    assert any(legs[0].carrier_number in text for text in texts)


def test_the_parcel_goes_from_hand_to_hand_until_the_last_leg_delivers(now, settings):
    settings.LONJA = {**settings.LONJA, "SANDBOX_FAULTS": False}
    shipment = booked(now)
    facade.hand_over(shipment_id=shipment.shipment_id, actor=member(shipment.seller_id), now=now)
    for day in range(1, 40):
        simulation.simulate(now=now + timedelta(days=day))
    done = facade.get_shipment(shipment.shipment_id)
    assert (done.status, done.tracking_status) == (ShipmentState.DELIVERED, T.DELIVERED)
    carriers = list(dict.fromkeys(f"CARRIER:{leg.carrier_id}" for leg in legs_of(shipment)))
    assert [holder for holder, _ in holders(shipment)] == ["SELLER", *carriers, "BUYER"]
    assert {basis for holder, basis in holders(shipment)[1:-1]} == {"BOTH"}
    titles = [entry.title for entry in facade.timeline(shipment.shipment_id)]
    assert titles.count("Delivered") == 1
    assert {"Handed on to Troncal", "With Troncal"} <= set(titles)
    assert {leg.state for leg in selectors.list_leg_views(done)} == {"DONE"}


def test_news_in_any_order_leave_one_holder(now):
    shipment = booked(now)
    second = f"CARRIER:{legs_of(shipment)[1].carrier_id}"
    tell(shipment, 3, T.AWAITING_PICKUP, now)
    assert status(shipment) is T.REGISTERED
    tell(shipment, 2, T.PICKED_UP, now + timedelta(hours=20))
    assert holders(shipment)[-1][0] == second
    tell(shipment, 1, T.PICKED_UP, now + timedelta(hours=1))
    tell(shipment, 1, T.DELIVERED, now + timedelta(hours=12))
    tell(shipment, 1, T.LOST, now + timedelta(hours=13))
    assert status(shipment) is T.PICKED_UP
    assert [holder for holder, _ in holders(shipment)] == ["SELLER", second]


def test_the_next_carrier_that_scans_the_parcel_in_holds_it_before_its_news_come(now):
    shipment = booked(now)
    first, second = (f"CARRIER:{leg.carrier_id}" for leg in legs_of(shipment)[:2])
    sscc = Parcel.objects.get(shipment_id=shipment.shipment_id).sscc
    tell(shipment, 1, T.PICKED_UP, now)
    custody.scan_out(sscc=sscc, party=first, to=second, at=now + timedelta(hours=8), now=now + timedelta(hours=8))
    assert holders(shipment)[-1][0] == first
    custody.scan_in(sscc=sscc, party=second, at=now + timedelta(hours=9), now=now + timedelta(hours=9))
    tell(shipment, 1, T.IN_TRANSIT, now + timedelta(hours=10))
    assert holders(shipment)[-1] == (second, "BOTH")
    tell(shipment, 2, T.PICKED_UP, now + timedelta(hours=9))
    tell(shipment, 3, T.DELIVERED, now + timedelta(days=9))
    assert [holder for holder, _ in holders(shipment)][-2:] == [f"CARRIER:{legs_of(shipment)[2].carrier_id}", "BUYER"]


def test_carriers_may_count_their_events_alike(now):
    shipment = booked(now)
    assert tell(shipment, 1, T.PICKED_UP, now, name="1").new == 1
    assert tell(shipment, 2, T.PICKED_UP, now + timedelta(days=1), name="1").new == 1
    assert tell(shipment, 2, T.PICKED_UP, now + timedelta(days=1), name="1").new == 0


def test_a_scan_taken_back_gives_the_parcel_back(now):
    shipment = booked(now)
    tell(shipment, 1, T.PICKED_UP, now)
    tell(shipment, 2, T.PICKED_UP, now + timedelta(hours=5), name="wrong")
    services.correct_event(
        shipment_id=shipment.shipment_id, event_id="2.wrong", reason="Another parcel", actor=Actor.system("operator"),
        now=now + timedelta(hours=6),
    )  # fmt: skip
    assert holders(shipment)[-1] == (f"CARRIER:{legs_of(shipment)[0].carrier_id}", "CORRECTION")


class Failing(ContractGateway):
    """A carrier that answers bookings and hand-overs with an error."""

    def __init__(self, code, error):
        super().__init__(code)
        self.error = error

    def book(self, order, *, now):
        raise self.error

    announce_hand_over = book


@pytest.fixture
def failing(monkeypatch):
    """`failing(code, error)`: this carrier's bookings fail."""

    def fail(code, error):
        Carrier.objects.filter(code=code).update(gateway="failing")
        monkeypatch.setitem(gateways._FACTORIES, "failing", lambda carrier: Failing(carrier.code, error))

    return fail


def test_a_carrier_that_refuses_its_leg_is_replaced_and_it_is_said(now, failing):
    shipment = wanted(now)
    refused = legs_of(shipment)[0].carrier_id
    failing(refused, CarrierRefused("We do not collect there."))
    done = facade.confirm_booking(shipment_id=shipment.shipment_id, now=now)
    assert done.status is ShipmentState.BOOKED
    assert legs_of(shipment)[0].carrier_id != refused
    views = selectors.list_leg_views(done)
    assert (views[0].state, views[0].note) == ("REPLACED", "We do not collect there.")
    assert done.promised_latest == shipment.promised_latest


def test_a_silent_carrier_is_asked_again_before_another_goes(now, failing):
    shipment = wanted(now)
    failing("troncal", CarrierUnavailable("No answer."))
    for minute in range(2):
        waiting = facade.confirm_booking(shipment_id=shipment.shipment_id, now=now + timedelta(minutes=minute))
        assert waiting.status is ShipmentState.BOOKING
    assert "Troncal: No answer." in Shipment.objects.get(id=shipment.shipment_id).call_error
    first = legs_of(shipment)[0].carrier_number
    assert first  # what is booked stays booked
    done = facade.confirm_booking(shipment_id=shipment.shipment_id, now=now + timedelta(minutes=5))
    assert done.status is ShipmentState.BOOKED
    assert legs_of(shipment)[0].carrier_number == first


def test_a_carrier_that_does_not_answer_at_the_hub_is_told_again(now, failing):
    shipment = booked(now)
    facade.hand_over(shipment_id=shipment.shipment_id, actor=member(shipment.seller_id), now=now)
    tell(shipment, 1, T.DELIVERED, now + timedelta(days=2))
    waiting = legs_of(shipment)[1]
    failing(waiting.carrier_id, CarrierUnavailable("No answer."))
    at = now + timedelta(days=3)
    services.call_carriers(now=at)
    held = legs_of(shipment)[1]
    assert (held.error, held.announced_at) == ("No answer.", None)
    assert waiting.due_at < at < held.due_at
    Carrier.objects.filter(code=waiting.carrier_id).update(gateway="sandbox")
    services.call_carriers(now=held.due_at)
    assert legs_of(shipment)[1].announced_at == held.due_at
    assert holders(shipment)[-1] == (f"CARRIER:{waiting.carrier_id}", "BOTH")


def test_without_another_carrier_the_booking_waits_for_the_operator(now, failing):
    shipment = wanted(now)
    last = legs_of(shipment)[-1]
    Link.objects.filter(start=last.start, end=None).exclude(service__carrier_id=last.carrier_id).delete()
    failing(last.carrier_id, CarrierRefused("Closed."))
    waiting = facade.confirm_booking(shipment_id=shipment.shipment_id, now=now)
    assert waiting.status is ShipmentState.BOOKING
    assert Shipment.objects.get(id=shipment.shipment_id).call_due_at is None
    Carrier.objects.filter(code=last.carrier_id).update(gateway="sandbox")
    retry_call(shipment_id=shipment.shipment_id, actor=Actor.system("operator"), now=now)
    assert facade.confirm_booking(shipment_id=shipment.shipment_id, now=now).status is ShipmentState.BOOKED


def test_a_cancelled_route_is_cancelled_at_every_carrier(now):
    shipment = booked(now)
    facade.cancel_shipment(shipment_id=shipment.shipment_id, actor=member(shipment.seller_id), reason="no", now=now)
    services.call_carriers(now=now)
    numbers = [leg.carrier_number for leg in legs_of(shipment)]
    assert SandboxParcel.objects.filter(number__in=numbers, voided_at__isnull=False).count() == len(numbers)


def test_the_claim_goes_to_the_carrier_that_held_the_parcel(now):
    shipment = booked(now)
    tell(shipment, 1, T.PICKED_UP, now)
    tell(shipment, 2, T.PICKED_UP, now + timedelta(days=1))
    tell(shipment, 2, T.LOST, now + timedelta(days=9))
    claims.review_parcels(now=now + timedelta(days=10))
    claim = Claim.objects.get(shipment_id=shipment.shipment_id)
    assert claim.carrier.code == legs_of(shipment)[1].carrier_id == "troncal"
    assert claim.leg.number == 2


def test_who_sees_the_legs(now, client, django_assert_max_num_queries):
    seller, buyer, stranger = (world.person(now) for _ in range(3))
    shipment = booked(now, seller_id=seller.organisation_id, buyer_id=buyer.organisation_id)
    page = f"/shipments/{shipment.shipment_id}/timeline/"
    api = f"/api/v1/shipping/shipments/{shipment.shipment_id}/legs/"
    number = legs_of(shipment)[0].carrier_number
    client.force_login(seller.user)
    assert number in client.get(page).content.decode()
    with django_assert_max_num_queries(14):
        shown = client.get(api).json()
    assert [leg["carrier_code"] for leg in shown] == [leg.carrier_id for leg in legs_of(shipment)]
    assert shown[0]["carrier_number"] == number
    assert shown[0]["price"]["currency"] == "EUR"
    client.force_login(buyer.user)
    assert number not in client.get(page).content.decode()
    assert client.get(api).json()[0]["price"] is None
    client.force_login(stranger.user)
    assert (client.get(page).status_code, client.get(api).status_code) == (404, 404)
    assert Client().get(api).status_code == 401
    assert number not in Client().get(f"/track/{shipment.tracking_number}/").content.decode()
