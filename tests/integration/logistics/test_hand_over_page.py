"""The hand-over page: a label's number by camera or by hand, for the parcel's sender alone."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from logistics import facade
from logistics.shipments.models import Parcel, Shipment
from logistics.shipments.rules import number_on_label
from tests import world
from tests.factories.logistics import booked_shipment, wanted_shipment

PAGE = "/shipments/hand-over/"


def logged_in(person) -> Client:
    client = Client()
    client.force_login(person.user)
    return client


def told(client, number):
    answer = client.post(PAGE, {"number": number}, follow=True)
    assert answer.status_code == 200
    return [str(message) for message in answer.context["messages"]]


@pytest.mark.parametrize(
    ("read", "number"),
    [
        ("]C100099999990000000012", "099999990000000012"), ("(00) 0 9999999 000000001 2", "099999990000000012"),
        ("0009999999000000001242046003\x1d4300Ana", "099999990000000012"), ("099999990000000012", "099999990000000012"),
        ("la 824 233 341 xl", "LA824233341XL"), ("", ""), ("<script>" * 20, ("SCRIPT" * 20)[:40]),
    ],
)  # fmt: skip
def test_what_scanners_read_and_people_type(read, number):
    assert number_on_label(read) == number


def test_by_waybill_and_by_the_labels_barcode(real_database, now):
    seller = world.person(now)
    client = logged_in(seller)
    one, two = (booked_shipment(now=now, seller_id=seller.organisation_id) for _ in range(2))
    unit = Parcel.objects.get(shipment_id=two.shipment_id).sscc
    for shipment, text in ((one, one.tracking_number.lower()), (two, f"]C100{unit}")):
        assert "handed over" in told(client, text)[0]
        assert facade.get_shipment(shipment.shipment_id).handover_declared_at is not None
    assert told(client, one.tracking_number) == [f"{one.tracking_number} was handed over before."]
    with CaptureQueriesContext(connection) as found:
        page = client.get(PAGE).content.decode()
    assert one.tracking_number in page
    assert two.tracking_number in page
    assert len(found) < 10


def test_nobody_hands_over_what_is_not_theirs(real_database, now):
    shipment = booked_shipment(now=now)
    for person in (world.person(now), world.open_seller(now)):
        assert told(logged_in(person), shipment.tracking_number) == ["No parcel of yours has this number."]
    assert Client().post(PAGE, {"number": shipment.tracking_number}).status_code == 302
    assert Shipment.objects.get().handover_declared_at is None


def test_what_cannot_be_handed_over_says_so(real_database, now):
    seller = world.person(now)
    shipment = wanted_shipment(now=now, seller_id=seller.organisation_id)
    assert "Only a booked shipment" in told(logged_in(seller), shipment.tracking_number)[0]
    for text in ("", "   ", "nonsense", "0" * 400):
        assert told(logged_in(seller), text) == ["No parcel of yours has this number."]
