"""Real carriers over Karrio: what is asked and what their answers come to, on small answers of our own making."""

import ssl

import pytest
from django.conf import settings

from core.identity.services import create_person
from core.ids import new_id
from logistics import facade
from logistics.carriers import gateways
from logistics.carriers.karrio import proxy
from logistics.carriers.models import Carrier, CarrierBooking
from logistics.carriers.ports import BookingOrder
from logistics.contracts import (
    CarrierRefused,
    CarrierUnavailable,
    ParcelSpec,
    Place,
    ShipmentState,
    TrackingStatus,
)
from logistics.rates import selectors as rates
from logistics.rates.models import Rate, RateSheet, RateStep
from logistics.rates.services import bump_revision
from logistics.shipments.models import Shipment
from logistics.tracking import services
from tests.factories import carrier_wire
from tests.factories.logistics import member

pytestmark = pytest.mark.django_db
SERVICE = {
    "fedex": "fedex-ground", "ups": "ups-ground", "usps": "usps-ground", "dhl-express": "dhl-domestic",
    "canadapost": "canadapost-expedited",
}  # fmt: skip
FOREIGN = {
    "fedex": ('"serviceType": "FEDEX_GROUND"', '"postalCode": "73301"'), "ups": ('"Code": "03"', '"PostalCode": "73301"'),
    "usps": ('"mailClass": "USPS_GROUND_ADVANTAGE"', '"ZIPCode": "73301"'),
    "dhl-express": ("<GlobalProductCode>N<", "<PostalCode>73301<"),
    "canadapost": ("<service-code>DOM.EP<", "<postal-zip-code>K1K4T3<"),
}  # fmt: skip
WAYS = list(SERVICE)


def order(code, **changes):
    sender, recipient = carrier_wire.CANADIANS if code == "canadapost" else carrier_wire.AMERICANS
    values = {
        "reference": f"ref-{code}", "service_code": SERVICE[code], "sender": sender, "recipient": recipient,
        "parcel": ParcelSpec(1_200, 300, 200, 100), **changes,
    }  # fmt: skip
    return BookingOrder(**values)


@pytest.fixture
def wire(monkeypatch):
    """No table of rates kept from another test, and the network answers as the carrier does, and every carrier has an account."""
    proxy._sdk()
    monkeypatch.setattr(rates, "_cached", None)
    monkeypatch.setitem(
        settings.LONJA,
        "CARRIER_CREDENTIALS",
        {code: {**of, "test_mode": True} for code, of in carrier_wire.CREDENTIALS.items()},
    )
    monkeypatch.setattr(proxy, "in_transaction", lambda: False)  # tests run in one

    def plug(code):
        cable = carrier_wire.Wire(carrier_wire.answers(code))
        monkeypatch.setattr("karrio.core.utils.helpers.urlopen", cable)
        return cable

    return plug


def gateway(code):
    return gateways.gateway_for(Carrier.objects.get(code=code))


@pytest.mark.parametrize("code", WAYS)
def test_a_parcel_is_booked_once_with_its_label(now, wire, code):
    cable = wire(code)
    assert gateway(code).book(order(code), now=now) == carrier_wire.NUMBERS[code]
    said = "\n".join(cable.asked)
    assert all(part in said for part in FOREIGN[code]), said
    row = CarrierBooking.objects.get()
    assert bytes(row.label).startswith(b"%PDF")
    calls = len(cable.asked)
    assert gateway(code).book(order(code), now=now) == row.number
    assert len(cable.asked) == calls


@pytest.mark.parametrize("code", WAYS)
def test_their_events_become_ours(now, wire, code):
    wire(code)
    scans = gateway(code).track([carrier_wire.NUMBERS[code]], now=now)
    told = {scan.status: scan for scan in scans}
    assert {TrackingStatus.PICKED_UP, TrackingStatus.DELIVERED} <= set(told)
    assert len(scans) == len({scan.event_id for scan in scans})
    assert told[TrackingStatus.DELIVERED].occurred_at.date().isoformat() == "2026-03-04"
    assert all(scan.carrier_number == carrier_wire.NUMBERS[code] and scan.occurred_at.tzinfo for scan in scans)


def test_a_code_karrio_does_not_know_goes_to_the_mapping_queue(now, wire):
    wire("fedex")
    assert [scan.code for scan in gateway("fedex").track(["1"], now=now) if scan.status is TrackingStatus.UNKNOWN] == [
        "ZZ"
    ]


@pytest.mark.parametrize("code", ["fedex", "ups"])
def test_a_label_is_given_back(now, wire, code):
    cable = wire(code)
    gateway(code).book(order(code), now=now)
    gateway(code).cancel(f"ref-{code}", now=now)
    assert CarrierBooking.objects.get().cancelled_at == now
    calls = len(cable.asked)
    gateway(code).cancel(f"ref-{code}", now=now)
    gateway(code).cancel("never booked", now=now)
    assert len(cable.asked) == calls


def test_a_booking_without_an_answer_is_not_repeated_by_itself(now, wire):
    wire("usps").broken = TimeoutError()
    with pytest.raises(CarrierRefused, match="did not answer"):
        gateway("usps").book(order("usps"), now=now)
    with pytest.raises(CarrierUnavailable):
        gateway("usps").track(["1"], now=now)


def test_a_refusal_has_the_carriers_own_words(now, wire):
    cable = wire("fedex")
    cable.table = {
        "oauth": cable.table["oauth/token"],
        "shipments": '{"errors": [{"code": "X", "message": "No such ZIP."}]}',
    }
    with pytest.raises(CarrierRefused, match="No such ZIP"):
        gateway("fedex").book(order("fedex"), now=now)
    assert not CarrierBooking.objects.exists()


def test_abroad_and_unknown_services_are_refused_before_anything_is_sent(now, wire):
    cable = wire("fedex")
    abroad = order("fedex", recipient=carrier_wire.CANADIANS[1])
    for wrong in (abroad, order("fedex", service_code="fedex-moon")):
        with pytest.raises(CarrierRefused):
            gateway("fedex").book(wrong, now=now)
    assert cable.asked == []


def test_without_credentials_a_carrier_is_neither_called_nor_offered(now, monkeypatch):
    assert settings.LONJA["CARRIER_CREDENTIALS"] == {}
    monkeypatch.setattr(proxy, "in_transaction", lambda: False)
    with pytest.raises(CarrierUnavailable, match="credentials"):
        gateway("ups").track(["1"], now=now)
    found = facade.quote(origin=Place("US"), destination=Place("US"), parcel=ParcelSpec(500), handling_days=0, now=now)
    assert not {answer.carrier_code for answer in (*found.quotes, *found.rejected)} & set(SERVICE)


def test_karrio_does_not_switch_off_the_check_of_certificates():
    proxy._sdk()
    assert ssl._create_default_https_context is ssl.create_default_context
    assert ssl._create_default_https_context().verify_mode is ssl.CERT_REQUIRED


def with_prices(now):
    Carrier.objects.filter(code="fedex").update(is_active=True)
    rate = Rate.objects.create(
        sheet=RateSheet.objects.first(), service_id="fedex-ground", origin_zone="NORTH", destination_zone="HOME",
        p10_days=1, p50_days=2, p90_days=4,
    )  # fmt: skip
    RateStep.objects.create(rate=rate, up_to_grams=20_000, price_minor=890, currency="EUR")
    bump_revision()


def test_with_an_account_and_prices_it_is_offered_booked_and_tracked(now, wire, client):
    wire("fedex")
    with_prices(now)
    sender, recipient = carrier_wire.AMERICANS
    found = facade.quote(origin=sender, destination=recipient, parcel=ParcelSpec(500), handling_days=0, now=now)
    (offer,) = [quote for quote in found.quotes if quote.service_code == "fedex-ground"]
    people = [
        create_person(
            email=f"{name}@example.com", password="a long password", name=name, country="US", currency="USD", now=now
        )
        for name in ("seller", "stranger")
    ]
    seller = member(people[0][1].id)
    wanted = facade.book_shipment(
        order_id=new_id(), seller_id=people[0][1].id, buyer_id=new_id(), service_code="fedex-ground", sender=sender,
        recipient=recipient, parcel=ParcelSpec(500), quote=offer, reference="LJ-1", contents="Bowl", actor=seller, now=now,
    )  # fmt: skip
    shipment = facade.confirm_booking(shipment_id=wanted.shipment_id, now=now)
    assert (shipment.status, shipment.carrier_number) == (ShipmentState.BOOKED, carrier_wire.NUMBERS["fedex"])
    for number, status in ((0, 200), (1, 404)):
        client.force_login(people[number][0])
        assert client.get(f"/shipments/{shipment.shipment_id}/carrier-label.pdf").status_code == status
    Shipment.objects.update(poll_due_at=now)
    services.poll_carriers(now=now, carrier_code="fedex")
    assert facade.get_shipment(shipment.shipment_id).status is ShipmentState.DELIVERED
