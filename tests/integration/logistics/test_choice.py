"""The choice of a carrier: all services answer, rejections say why, and figures of the lane decide what is recommended."""

from datetime import timedelta

import pytest

from logistics import facade
from logistics.carriers.models import CarrierHealth
from logistics.carriers.ports import CarrierScan
from logistics.contracts import ParcelSpec, Place, RejectionReason, TrackingStatus
from logistics.rates import selectors
from logistics.rates.models import LaneScore, Service
from logistics.rates.services import bump_revision
from logistics.tracking import services
from tests.factories.logistics import handed_over_shipment

pytestmark = pytest.mark.django_db
PAGE = "/carriers/"


@pytest.fixture(autouse=True)
def _fresh_table(monkeypatch):
    """Revisions start anew with each test; a table kept from another one must not be taken for this one's."""
    monkeypatch.setattr(selectors, "_cached", None)


def ask(now, grams=500):
    return facade.quote(origin=Place("ES"), destination=Place("PT"), parcel=ParcelSpec(grams), handling_days=1, now=now)


def score(service, kept, now, scored=50):
    LaneScore.objects.create(
        service_id=service, origin_country="ES", destination_country="PT", scored=scored, kept=kept, measured_at=now
    )
    bump_revision()


def test_every_service_answers_once(now):
    found = ask(now)
    answered = [quote.service_code for quote in found.quotes] + [item.service_code for item in found.rejected]
    assert sorted(answered) == sorted(Service.objects.exclude(carrier__gateway="karrio").values_list("code", flat=True))
    assert all(item.explanation for item in found.rejected)


def test_a_spent_budget_takes_a_carrier_out_until_it_fills_again(now, django_assert_num_queries):
    CarrierHealth.objects.create(carrier_id="ruta", calls_per_minute=60, tokens=0, tokens_at=now)
    reasons = {item.carrier_code: item.reason for item in ask(now).rejected}
    assert reasons["ruta"] is RejectionReason.BUDGET_SPENT
    with django_assert_num_queries(1):
        assert "ruta" in {quote.carrier_code for quote in ask(now + timedelta(seconds=2)).quotes}


def test_figures_of_the_lane_are_shown_and_decide(now):
    cheap = ask(now)
    assert {quote.on_time_percent for quote in cheap.quotes} == {None}
    assert cheap.recommended == cheap.quotes[0].service_code
    score(cheap.quotes[0].service_code, 10, now)
    score(cheap.quotes[1].service_code, 49, now)
    found = ask(now)
    assert (found.quotes[0].on_time_percent, found.quotes[0].on_time_of_lane) == (20, True)
    assert (found.quotes[1].on_time_percent, found.quotes[1].on_time_parcels) == (98, 50)
    far = facade.quote(
        origin=Place("ES"), destination=Place("ES"), parcel=ParcelSpec(500), handling_days=1, now=now
    ).quotes
    (same,) = [quote for quote in far if quote.service_code == found.quotes[1].service_code]
    assert (same.on_time_percent, same.on_time_of_lane) == (98, False)


def test_lanes_are_measured_from_what_arrived(now):
    shipment = handed_over_shipment(now=now)
    arrived = CarrierScan(
        "ruta", shipment.carrier_number, "end", "RX400", "", "Lisboa", TrackingStatus.DELIVERED, now + timedelta(days=1)
    )
    services.ingest_scans(scans=[arrived], source="POLL", now=now + timedelta(days=1))
    later = now + timedelta(days=30)
    assert facade.measure_lanes(now=later) == 1
    row = LaneScore.objects.get()
    assert (row.scored, row.kept, row.destination_country) == (1, 1, "PT")
    assert facade.measure_lanes(now=later + timedelta(days=200)) == 0


def test_the_page_is_for_anyone_and_says_why_not(client, now, django_assert_max_num_queries):
    ordinary = client.get(PAGE).content.decode()
    assert "Carriers compared" in ordinary
    assert "best value" in ordinary
    heavy = client.get(PAGE, {"origin": "ES", "destination": "PT", "weight_grams": "900000", "currency": "EUR"})
    assert "No carrier takes this parcel." in heavy.content.decode()
    assert "The parcel is too heavy for this service." in heavy.content.decode()
    spanish = client.get(PAGE, headers={"Accept-Language": "es"}).content.decode()
    assert "Transportistas comparados" in spanish
    with django_assert_max_num_queries(4):
        client.get(PAGE)


@pytest.mark.parametrize(
    "question", [{"weight_grams": "0"}, {"weight_grams": "1", "origin": "XX"}, {"weight_grams": "many"}]
)
def test_a_wrong_question_is_answered_beside_the_field(client, question):
    answer = client.get(PAGE, {"origin": "ES", "destination": "PT", "currency": "EUR", **question})
    assert answer.status_code == 200
    assert "Not offered" not in answer.content.decode()
