"""Routes over the lane graph: by the rate sheets and scorecards in force, as a page and by REST."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from core.identity.services import create_person, issue_token
from logistics.carriers.models import Carrier
from logistics.carriers.ports import CarrierScan
from logistics.contracts import InvalidParcel, ParcelSpec, Place, TrackingStatus
from logistics.network import services
from logistics.network.models import Hub, Link
from logistics.network.rules import BUYER, SELLER, Aim
from logistics.rates import selectors
from logistics.rates.models import LaneScore
from logistics.rates.services import bump_revision
from logistics.tracking.services import ingest_scans
from tests.factories.logistics import booked_shipment, handed_over_shipment, member

pytestmark = pytest.mark.django_db
PAGE = "/carriers/network/"


@pytest.fixture(autouse=True)
def _fresh_table(monkeypatch):
    """Revisions start anew with each test; a table kept from another one must not be taken for this one's."""
    monkeypatch.setattr(selectors, "_cached", None)


API = "/api/v1/shipping/routes/"
QUESTION = {
    "origin": {"country": "ES"}, "destination": {"country": "SE"}, "parcel": {"weight_grams": 1000}, "currency": "EUR",
}  # fmt: skip


def plan(now, origin="ES", destination="SE", grams=1_000):
    return services.plan_routes(
        origin=Place(origin), destination=Place(destination), parcel=ParcelSpec(grams), currency="EUR", now=now
    )


def test_every_route_leads_from_door_to_door_over_hubs(now, django_assert_num_queries):
    plan(now)
    with django_assert_num_queries(2):
        routes = plan(now)
    assert set(routes) == set(Aim)
    for route in routes.values():
        assert (route.legs[0].start, route.legs[-1].end) == (SELLER, BUYER)
        assert all(one.end == two.start for one, two in zip(route.legs, route.legs[1:], strict=False))
    assert routes[Aim.COST].price <= routes[Aim.SPEED].price
    assert routes[Aim.SPEED].latest_days <= routes[Aim.COST].latest_days


def test_several_carriers_go_together_where_none_goes_alone(now):
    Link.objects.filter(start__country="SE", end=None).exclude(service_id="norte-pakke").delete()
    for route in plan(now).values():
        assert route.legs[-1].carrier_code == "norte"
        assert route.legs[0].carrier_code != "norte"  # it does not collect in Spain


def test_a_route_quotes_the_scorecard_it_used(now):
    before = plan(now)[Aim.RELIABILITY]
    first = before.legs[0]
    assert first.on_time_percent is None
    LaneScore.objects.create(
        service_id=first.service_code, origin_country="ES", destination_country="ES", scored=100, kept=40,
        measured_at=now,
    )  # fmt: skip
    bump_revision()
    after = plan(now)[Aim.RELIABILITY]
    assert after.legs[0].service_code != first.service_code
    assert after.on_time_percent <= before.on_time_percent
    assert {leg.on_time_percent for leg in plan(now)[Aim.COST].legs} & {40, None}


def test_a_carrier_or_hub_out_of_use_is_gone_round(now):
    Carrier.objects.exclude(code="ruta").update(is_active=False)
    bump_revision()
    assert {leg.carrier_code for leg in plan(now, destination="FR")[Aim.COST].legs} == {"ruta"}
    Hub.objects.filter(country="FR").update(is_active=False)
    assert plan(now, destination="FR") == {}


def test_what_is_too_heavy_or_impossible_finds_no_way(now):
    assert plan(now, grams=900_000) == {}
    with pytest.raises(InvalidParcel):
        plan(now, grams=0)


def test_a_link_touches_a_hub_and_goes_somewhere():
    hub = Hub.objects.get(code="MAD")
    for ends in ({}, {"start": hub, "end": hub}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Link.objects.create(service_id="ruta-24", **ends)


def test_the_page_draws_the_way(client, django_assert_max_num_queries):
    page = client.get(PAGE).content.decode()
    assert 'class="used"' in page
    assert "Jönköping" in page
    assert "All legs on time" in page
    assert "La red" in client.get(PAGE, headers={"Accept-Language": "es"}).content.decode()
    with django_assert_max_num_queries(6):
        client.get(PAGE, {"origin": "ES", "destination": "JP", "weight_grams": 1, "currency": "EUR", "aim": "SPEED"})
    nobody = client.get(
        PAGE, {"origin": "ES", "destination": "SE", "weight_grams": 900000, "currency": "EUR", "aim": "COST"}
    )
    assert "No carriers together bring this parcel there." in nobody.content.decode()
    assert client.get(PAGE, {"weight_grams": "x"}).status_code == 200


def test_the_api_answers_members_alone(client, now):
    user, organisation = create_person(
        email="m@example.com", password="a long password", name="M", country="ES", currency="EUR", now=now
    )
    token = issue_token(
        actor=member(organisation.id, user_id=user.id), name="t", scopes=["shipping:read"], now=now
    )[1]  # fmt: skip
    assert client.post(API, QUESTION, content_type="application/json").status_code == 401
    headers = {"Authorization": f"Bearer {token}"}
    routes = client.post(API, QUESTION, content_type="application/json", headers=headers).json()
    assert [route["aim"] for route in routes] == ["COST", "SPEED", "RELIABILITY"]
    assert {"kind", "price", "on_time_percent", "on_time_parcels"} <= set(routes[0]["legs"][0])
    for wrong in ({"parcel": {"weight_grams": 0}}, {"currency": "XXX"}, {"origin": {"country": "Spain"}}):
        answer = client.post(API, {**QUESTION, **wrong}, content_type="application/json", headers=headers)
        assert answer.status_code == 422, wrong


def test_a_parcel_leaves_its_hubs_on_the_map_and_nobodys_home(client, now):
    shipment = handed_over_shipment(now=now)
    address = f"/track/{shipment.tracking_number}/"
    scans = [
        CarrierScan("ruta", shipment.carrier_number, f"s{number}", code, "", place, status, now + timedelta(hours=number))
        for number, (code, place, status) in enumerate([
            ("RX200", "Zaragoza", TrackingStatus.IN_TRANSIT), ("RX210", "Madrid", TrackingStatus.AT_HUB),
            ("RX300", "Lisboa", TrackingStatus.OUT_FOR_DELIVERY),
        ], start=1)
    ]  # fmt: skip
    ingest_scans(scans=scans[:1], source="POLL", now=now)
    assert client.get(address).content.decode().count('<circle cx="') >= 1
    ingest_scans(scans=scans, source="POLL", now=now)
    drawn = client.get(address).content.decode().split('class="net-map"')[1].split("</svg>")[0]
    assert drawn.count('class="used"') == 5  # two hubs with their names, and the road between them
    assert 'class="used">Lisboa' not in drawn


def test_without_a_hub_there_is_no_map(client, now):
    shipment = booked_shipment(now=now)
    assert "net-map" not in client.get(f"/track/{shipment.tracking_number}/").content.decode()
