"""The round of a small courier's day: what is on it, where it is, who sees it."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.actor import Actor
from core.errors import InvalidInput, NotFound
from core.ids import new_id
from logistics.carriers.models import Carrier
from logistics.contracts import Address
from logistics.pickups.models import PickupTerms
from logistics.rates.models import Rate, RateSheet, RateStep, Service
from logistics.rounds import selectors, services
from logistics.rounds.models import Courier, PostcodePlace, Round
from logistics.rounds.selectors import CourierNotFound
from logistics.shipments.models import Shipment
from logistics.tracking.services import record_carrier_events
from tests import world
from tests.factories.logistics import booked_shipment, member
from tests.factories.pickups import booked_pickup

pytestmark = pytest.mark.django_db
TUESDAY = date(2026, 3, 3)
PAGE = "/carriers/rounds/barrio/2026-03-03/"
API = "/api/v1/shipping/rounds/barrio/2026-03-03/"
OPERATOR = Actor.system("test")
DOORS = [
    Address(f"Vecina {n}", f"Calle {n}", "Valencia", code, "ES", phone="+34 600 000 000")
    for n, code in enumerate(("46001", "46003", "46 022", "46999", "9"), start=1)
]


@pytest.fixture
def barrio(now):
    """A bicycle courier of Valencia, with a service, terms of pickup and a base."""
    carrier = Carrier.objects.create(code="barrio", name="Barrio en bici", gateway="contract")
    service = Service.objects.create(
        code="barrio-hoy", carrier=carrier, name="Barrio hoy", delivery_kind="EXPRESS", max_weight_grams=20_000,
        max_side_mm=800, volumetric_divisor=5000, cutoff_hour=17,
    )  # fmt: skip
    sheet = RateSheet.objects.filter(published_at__isnull=False).order_by("-version").first()
    zone = Rate.objects.filter(service_id="ruta-24", destination_zone="HOME").first()
    for origin in Rate.objects.filter(service_id="ruta-24").values_list("origin_zone", flat=True).distinct():
        rate = Rate.objects.create(
            sheet=sheet, service=service, origin_zone=origin, destination_zone="HOME", p10_days=1, p50_days=1, p90_days=1
        )  # fmt: skip
        RateStep.objects.create(rate=rate, up_to_grams=20_000, price_minor=400, currency="EUR")
    assert zone is not None
    RateSheet.objects.update(revision=999)
    PickupTerms.objects.create(carrier=carrier)
    for code, latitude in (("46", "39.4700"), ("46001", "39.4740"), ("46003", "39.4790"), ("46022", "39.4720")):
        PostcodePlace.objects.create(
            country="ES", postcode=code, latitude=Decimal(latitude), longitude=Decimal("-0.3700") - len(code)
        )
    PostcodePlace.objects.update(longitude=Decimal("-0.3700"))
    return Courier.objects.create(
        carrier=carrier, base="Plaza 1, Valencia", latitude=Decimal("39.4699"), longitude=Decimal("-0.3763"), country="ES"
    )  # fmt: skip


def held(now, *doors):
    """Parcels the courier has."""
    found = []
    for door in doors:
        shipment = booked_shipment(now=now, service_code="barrio-hoy", sender=DOORS[0], recipient=door)
        row = {"number": shipment.carrier_number, "status": "PICKED_UP", "at": now.isoformat()}
        record_carrier_events(carrier_code="barrio", rows=[row], actor=OPERATOR, now=now)
        found.append(shipment)
    return found


def planned(now, day=TUESDAY):
    return services.plan_day(carrier_code="barrio", day=day, actor=OPERATOR, now=now)


def test_the_pickups_of_the_day_and_what_the_courier_holds(barrio, now):
    one, two = held(now, DOORS[1], DOORS[2])
    pickup = booked_pickup(
        now=now, seller_id=new_id(), carrier_code="barrio", opens=time(12), closes=time(14), address=DOORS[0]
    )
    booked_pickup(now=now, seller_id=new_id(), carrier_code="barrio", day=TUESDAY + timedelta(days=1))
    stops = selectors.stops_of(planned(now))
    assert {stop.shipment_id for stop in stops} == {one.shipment_id, two.shipment_id, None}
    (collected,) = [stop for stop in stops if stop.pickup_id]
    assert collected.pickup_id == pickup.id
    assert pickup.opens_at <= collected.arrives_at <= pickup.closes_at
    assert sorted(stop.number for stop in stops) == [1, 2, 3]
    assert all(stop.leaves_at - stop.arrives_at == timedelta(minutes=4) for stop in stops)


def test_a_postcode_nobody_knows_is_named_and_a_beginning_is_enough(barrio, now):
    known, prefix, unknown = held(now, DOORS[1], DOORS[3], DOORS[4])
    stops = {stop.shipment_id: stop for stop in selectors.stops_of(planned(now))}
    assert stops[known.shipment_id].latitude == Decimal("39.4790")
    assert stops[prefix.shipment_id].latitude == Decimal("39.4700")
    assert (stops[unknown.shipment_id].number, stops[unknown.shipment_id].reason) == (0, "NO_PLACE")


def test_planned_anew_it_follows_what_changed(barrio, now):
    first, _second = held(now, DOORS[1], DOORS[2])
    before = planned(now)
    again = planned(now)
    assert again.id == before.id
    row = {"number": first.carrier_number, "status": "DELIVERED", "at": (now + timedelta(hours=1)).isoformat()}
    record_carrier_events(carrier_code="barrio", rows=[row], actor=OPERATOR, now=now + timedelta(hours=1))
    assert len(selectors.stops_of(planned(now + timedelta(hours=2)))) == 1
    assert services.plan_all(now=now) == 1
    assert Round.objects.count() == 2  # Monday's, by the morning's task


def test_who_may_plan_what(barrio, now):
    with pytest.raises(NotFound):
        services.plan_day(carrier_code="barrio", day=TUESDAY, actor=member(new_id()), now=now)
    with pytest.raises(CourierNotFound):
        services.plan_day(carrier_code="ruta", day=TUESDAY, actor=OPERATOR, now=now)
    with pytest.raises(InvalidInput):
        planned(now, TUESDAY - timedelta(days=2))


def logged_in(person) -> Client:
    client = Client()
    client.force_login(person.user)
    return client


@pytest.fixture
def operator(now, monkeypatch):
    for module in ("views", "api"):
        monkeypatch.setattr(f"logistics.rounds.{module}.utc_now", lambda: now)
    return logged_in(world.person(now, is_operator=True))


def test_the_operators_pages_and_the_couriers_link(barrio, now, operator, monkeypatch):
    (shipment,) = held(now, DOORS[1])
    assert "Not planned yet" in operator.get(PAGE).content.decode()
    assert "Barrio en bici" in operator.get("/carriers/rounds/").content.decode()
    operator.post(f"{PAGE}planning/")
    page = operator.get(PAGE)
    words = page.content.decode()
    assert shipment.tracking_number in words
    assert "round-map" in words
    assert page["Cache-Control"] == "private, no-store"
    link = page.context["link"]
    path = link[link.index("/courier/") :]
    courier = Client().get(path)
    assert DOORS[1].street in courier.content.decode()
    assert "Plan anew" not in courier.content.decode()
    assert courier["Referrer-Policy"] == "no-referrer"
    for wrong in (path[:-3] + "/", "/courier/none/", "/courier/eyJ/"):
        assert Client().get(wrong).status_code == 404
    monkeypatch.setattr("logistics.rounds.views.utc_now", lambda: now + timedelta(days=4))
    assert Client().get(path).status_code == 404
    assert operator.post(f"{PAGE}planning/", follow=True).status_code == 200  # the day is over: refused in words
    for wrong in ("/carriers/rounds/ruta/2026-03-03/", "/carriers/rounds/barrio/someday/"):
        assert operator.get(wrong).status_code == 404


def test_strangers_see_no_addresses(barrio, now, operator):
    held(now, DOORS[1])
    planned(now)
    for client in (Client(), logged_in(world.person(now)), logged_in(world.open_seller(now))):
        for path in (PAGE, "/carriers/rounds/"):
            assert client.get(path).status_code == 404
        assert client.post(f"{PAGE}planning/").status_code == 404
        assert client.get(API).status_code in {401, 403, 404}
        key = {"Idempotency-Key": str(uuid4())}
        assert client.post(API, headers=key).status_code in {401, 403, 404}


def test_the_api(barrio, now, operator):
    held(now, DOORS[1])
    assert operator.get(API).status_code == 404
    made = operator.post(API, headers={"Idempotency-Key": str(uuid4())})
    assert made.status_code == 200
    (stop,) = operator.get(API).json()["stops"]
    assert stop["address"]["postcode"] == "46003"
    assert operator.get(API.replace("2026-03-03", "someday")).status_code == 404


def test_pages_ask_the_same_however_many_stops(barrio, now, operator):
    counts = []
    for doors in (DOORS[1:2], DOORS[1:4]):
        held(now, *doors)
        planned(now)
        for page in (PAGE, API):
            operator.get(page)
            with CaptureQueriesContext(connection) as asked:
                assert operator.get(page).status_code == 200
            counts.append(len(asked))
    assert counts[:2] == counts[2:]
    assert max(counts) < 11
    assert Shipment.objects.count() == 4


def test_postcodes_are_loaded_from_a_table(db, tmp_path, capsys):
    file = tmp_path / "ES.txt"
    line = "ES\t46 001\tValencia\tValencia\tVC\tValencia\tV\tValencia\t46250\t{}\t-0.3763\t4\n"
    file.write_text(
        line.format("39.4697") + "nonsense\n" + line.format("north") + line.format("139") + line.format("39.5")
    )
    call_command("load_postcodes", str(file))
    assert "1 postcodes" in capsys.readouterr().out
    assert PostcodePlace.objects.get().latitude == Decimal("39.5")
    call_command("load_postcodes", str(file))
    assert PostcodePlace.objects.get().postcode == "46001"
