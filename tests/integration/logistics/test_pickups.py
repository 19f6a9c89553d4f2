"""Pickups: booked, changed, confirmed, called off, done, missed; standing bookings; pages and API; strangers."""

from __future__ import annotations

from datetime import date, time, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.errors import InvalidInput, TransitionRefused
from core.ids import new_id
from core.outbox.models import EventRecord
from logistics.carriers.models import Carrier
from logistics.contracts import Address
from logistics.pickups import selectors, services
from logistics.pickups.models import Pickup, PickupParcel, PickupSchedule, PickupTerms
from logistics.pickups.rules import CarrierDoesNotCollect, PickupNotFound, PickupThere, PickupTooLate
from logistics.shipments.models import Shipment
from tests import world
from tests.factories.logistics import booked_shipment, handed_over_shipment, member
from tests.factories.pickups import TUESDAY, booked_pickup, confirmed_pickup, visit

pytestmark = pytest.mark.django_db
LIST = "/shipments/pickups/"


def logged_in(person) -> Client:
    client = Client()
    client.force_login(person.user)
    return client


def steps(pickup):
    return list(pickup.transitions.values_list("to_state", flat=True))


# ------------------------------------------------------------------------------------------------ booking


def test_a_pickup_is_booked_and_the_carrier_confirms(now):
    seller = new_id()
    pickup = confirmed_pickup(now=now, seller_id=seller)
    assert pickup.state == "CONFIRMED"
    assert pickup.carrier_reference.startswith("CRX")
    assert steps(pickup) == ["BOOKED", "CONFIRMED"]
    assert pickup.cutoff_at.isoformat() == "2026-03-03T10:00:00+00:00"  # 11:00 in Madrid
    told = EventRecord.objects.filter(name="logistics.pickup.moved.v1").order_by("id")
    assert [event.payload["state"] for event in told] == ["BOOKED", "CONFIRMED"]


def test_the_carrier_comes_once_a_day_to_a_seller(now):
    seller = new_id()
    booked_pickup(now=now, seller_id=seller)
    with pytest.raises(PickupThere):
        booked_pickup(now=now, seller_id=seller)
    booked_pickup(now=now, seller_id=seller, carrier_code="correo-sur")
    booked_pickup(now=now, seller_id=new_id())
    assert Pickup.objects.count() == 3


@pytest.mark.parametrize(
    ("wishes", "day", "error"),
    [
        ({}, date(2026, 3, 1), InvalidInput), ({}, date(2026, 5, 1), InvalidInput), ({}, date(2026, 3, 7), InvalidInput),
        ({"carrier_code": "nobody"}, TUESDAY, CarrierDoesNotCollect), ({"opens": time(3)}, TUESDAY, InvalidInput),
        ({"carrier_code": "norte"}, TUESDAY, CarrierDoesNotCollect),
        ({"address": Address("A", "", "Madrid", "28001", "ES")}, TUESDAY, InvalidInput),
        ({"carrier_code": "correo-sur", "opens": time(9)}, date(2026, 3, 2), PickupTooLate),
    ],
)  # fmt: skip
def test_what_cannot_be_booked(now, wishes, day, error):
    with pytest.raises(error):
        booked_pickup(now=now, seller_id=new_id(), day=day, **wishes)
    assert not Pickup.objects.exists()


def test_holidays_and_carriers_that_were_switched_off(now):
    with pytest.raises(InvalidInput, match="holiday"):
        booked_pickup(now=now + timedelta(days=40), seller_id=new_id(), day=date(2026, 5, 1))
    Carrier.objects.filter(code="ruta").update(is_active=False)
    with pytest.raises(CarrierDoesNotCollect):
        booked_pickup(now=now, seller_id=new_id())


def test_changed_until_the_cut_off_and_confirmed_again(now):
    seller = new_id()
    pickup, actor = confirmed_pickup(now=now, seller_id=seller), member(seller)
    wednesday = TUESDAY + timedelta(days=1)
    change = {"pickup_id": pickup.id, "day": wednesday, "opens": time(10), "closes": time(13), "actor": actor}
    assert services.change_pickup(**change, now=now).state == "BOOKED"
    services.call_carriers(now=now)
    pickup.refresh_from_db()
    assert (pickup.state, pickup.day) == ("CONFIRMED", wednesday)
    late = pickup.cutoff_at
    with pytest.raises(PickupTooLate):
        services.change_pickup(**change, now=late)
    with pytest.raises(PickupTooLate):
        services.cancel_pickup(pickup_id=pickup.id, actor=actor, reason="", now=late)
    pickup.refresh_from_db()
    assert pickup.state == "CONFIRMED"


def test_called_off_the_carrier_is_told_and_the_day_is_free(now):
    seller = new_id()
    pickup = confirmed_pickup(now=now, seller_id=seller)
    services.cancel_pickup(pickup_id=pickup.id, actor=member(seller), reason="ill", now=now)
    pickup.refresh_from_db()
    assert pickup.call_due_at is not None
    assert services.call_carriers(now=now) == 1
    pickup.refresh_from_db()
    assert (pickup.state, pickup.call_due_at) == ("CANCELLED", None)
    with pytest.raises(TransitionRefused):
        services.cancel_pickup(pickup_id=pickup.id, actor=member(seller), reason="", now=now)
    booked_pickup(now=now, seller_id=seller)


# ------------------------------------------------------------------------------------------------ the day


def test_what_is_ready_for_the_carrier_is_on_it_and_is_handed_over(now):
    seller = new_id()
    mine = [booked_shipment(now=now, seller_id=seller) for _ in range(3)]
    booked_shipment(now=now, seller_id=seller, service_code="correo-certificado")
    booked_shipment(now=now)
    pickup = confirmed_pickup(now=now, seller_id=seller)
    assert {row.id for row in selectors.parcels_of(pickup)} == {one.shipment_id for one in mine}
    with pytest.raises(InvalidInput):
        services.finish_pickup(pickup_id=pickup.id, shipment_ids=None, actor=member(seller), now=now)
    then = pickup.opens_at + timedelta(hours=1)
    chosen = [one.shipment_id for one in mine[:2]]
    done, given = services.finish_pickup(pickup_id=pickup.id, shipment_ids=chosen, actor=member(seller), now=then)
    services.announce_parcels(shipment_ids=given, now=then)
    assert (done.state, set(given)) == ("DONE", set(chosen))
    assert set(Shipment.objects.filter(state="HANDED_OVER").values_list("id", flat=True)) == set(chosen)
    assert {row.id for row in selectors.parcels_of(done)} == set(chosen)
    with pytest.raises(TransitionRefused):
        services.finish_pickup(pickup_id=pickup.id, shipment_ids=[], actor=member(seller), now=then)


def test_nobody_hands_over_anothers_parcel_with_a_pickup(now):
    seller = new_id()
    other = booked_shipment(now=now)
    pickup = confirmed_pickup(now=now, seller_id=seller)
    with pytest.raises(InvalidInput):
        services.finish_pickup(
            pickup_id=pickup.id, shipment_ids=[other.shipment_id], actor=member(seller), now=pickup.opens_at
        )
    for step in (
        lambda who: services.cancel_pickup(pickup_id=pickup.id, actor=who, reason="", now=now),
        lambda who: services.finish_pickup(pickup_id=pickup.id, shipment_ids=None, actor=who, now=pickup.opens_at),
        lambda who: services.miss_pickup(pickup_id=pickup.id, actor=who, reason="", now=pickup.closes_at),
        lambda who: selectors.get_pickup_for(pickup.id, actor=who),
    ):
        with pytest.raises(PickupNotFound):
            step(member(new_id()))
    assert not PickupParcel.objects.exists()


def test_what_nobody_reported_on_is_settled_by_the_scans(now):
    came, missed, empty = new_id(), new_id(), new_id()
    pickups = {who: confirmed_pickup(now=now, seller_id=who) for who in (came, missed, empty)}
    booked_shipment(now=now, seller_id=missed)
    during = pickups[came].opens_at + timedelta(hours=1)
    given = handed_over_shipment(now=during, seller_id=came)
    soon = pickups[came].closes_at + timedelta(hours=1)
    assert services.settle_pickups(now=soon) == 0
    later = pickups[came].closes_at + timedelta(hours=2)
    assert services.settle_pickups(now=later) == 3
    assert services.settle_pickups(now=later) == 0
    states = {who: Pickup.objects.get(id=pickup.id).state for who, pickup in pickups.items()}
    assert states == {came: "DONE", missed: "MISSED", empty: "CANCELLED"}
    assert PickupParcel.objects.get().shipment_id == given.shipment_id


def test_nobody_came_only_after_the_window_and_he_may_still_come(now):
    seller = new_id()
    pickup, actor = confirmed_pickup(now=now, seller_id=seller), member(seller)
    with pytest.raises(InvalidInput):
        services.miss_pickup(pickup_id=pickup.id, actor=actor, reason="", now=pickup.closes_at - timedelta(minutes=1))
    services.miss_pickup(pickup_id=pickup.id, actor=actor, reason="", now=pickup.closes_at)
    done, _given = services.finish_pickup(
        pickup_id=pickup.id, shipment_ids=None, actor=actor, now=pickup.closes_at + timedelta(hours=1)
    )
    assert done.state == "DONE"


# ------------------------------------------------------------------------------------------------ every week


def start(seller, now, weekdays="024"):
    return services.start_schedule(visit=visit(), weekdays=weekdays, actor=member(seller), now=now)


def test_a_standing_booking_makes_the_week_ahead_and_then_day_by_day(now):
    seller = new_id()
    start(seller, now)
    days = lambda: list(Pickup.objects.order_by("day").values_list("day", flat=True))  # noqa: E731
    assert days() == [date(2026, 3, 2), date(2026, 3, 4), date(2026, 3, 6), date(2026, 3, 9)]
    assert services.make_recurring(now=now) == 0
    assert services.make_recurring(now=now + timedelta(days=2)) == 1
    assert services.make_recurring(now=now + timedelta(days=2)) == 0
    assert days()[-1] == date(2026, 3, 11)


def test_a_day_called_off_holidays_and_days_booked_already_are_passed_over(now):
    seller = new_id()
    booked_pickup(now=now, seller_id=seller, day=date(2026, 3, 4))
    start(seller, now)
    assert Pickup.objects.filter(day=date(2026, 3, 4)).count() == 1
    friday = Pickup.objects.get(day=date(2026, 3, 6))
    services.cancel_pickup(pickup_id=friday.id, actor=member(seller), reason="", now=now)
    PickupSchedule.objects.update(made_until=date(2026, 3, 5))
    assert services.make_recurring(now=now) == 0  # the Friday is not made again


def test_a_standing_booking_ends_with_what_can_still_be_called_off(now):
    seller = new_id()
    schedule = start(seller, now)
    with pytest.raises(PickupThere):
        start(seller, now)
    with pytest.raises(PickupNotFound):
        services.end_schedule(schedule_id=schedule.id, actor=member(new_id()), now=now)
    late = Pickup.objects.earliest("day").cutoff_at
    assert services.end_schedule(schedule_id=schedule.id, actor=member(seller), now=late) == 3
    assert services.end_schedule(schedule_id=schedule.id, actor=member(seller), now=late) == 0
    assert Pickup.objects.get(state="BOOKED").day == date(2026, 3, 2)
    assert services.make_recurring(now=now + timedelta(days=30)) == 0
    start(seller, now + timedelta(days=30))


def test_a_carrier_that_collects_no_more_ends_standing_bookings(now):
    start(new_id(), now)
    PickupTerms.objects.all().delete()
    assert services.make_recurring(now=now + timedelta(days=3)) == 0
    assert PickupSchedule.objects.get().ended_at is not None


@pytest.mark.parametrize("weekdays", ["", "5", "06"])
def test_days_on_which_the_carrier_does_not_come(now, weekdays):
    with pytest.raises(InvalidInput):
        start(new_id(), now, weekdays)


# ------------------------------------------------------------------------------------------------ pages


@pytest.fixture
def at(monkeypatch, now):
    """Pages and the API see this moment."""
    for module in ("views", "api"):
        monkeypatch.setattr(f"logistics.pickups.{module}.utc_now", lambda: now)
    return now


def form(**changes):
    return {
        "carrier": "ruta", "often": "once", "day": "2026-03-03", "opens": "14:00", "closes": "17:00", "name": "Luna",
        "street": "Calle 1", "postcode": "50001", "city": "Zaragoza", "country": "ES", "phone": "", "note": "", **changes,
    }  # fmt: skip


def test_the_pages_of_a_seller(at):
    seller = world.person(at)
    client = logged_in(seller)
    assert "No pickups yet" in client.get(LIST).content.decode()
    shipment = booked_shipment(now=at, seller_id=seller.organisation_id)
    assert "Book a pickup for this parcel" in client.get("/shipments/to-ship/").content.decode()
    page = client.get("/shipments/pickups/new/?carrier=ruta").content.decode()
    assert "Calle Mayor 1" in page  # where the parcels come from
    answer = client.post("/shipments/pickups/new/", form())
    pickup = Pickup.objects.get()
    assert answer["Location"] == f"/shipments/pickups/{pickup.id}/"
    page = client.get(answer["Location"]).content.decode()
    assert shipment.tracking_number in page
    assert "The carrier comes on Tue 3 Mar." in client.get("/shipments/to-ship/").content.decode()
    client.post(f"{answer['Location']}change/", {"day": "2026-03-04", "opens": "10:00", "closes": "12:00"})
    pickup.refresh_from_db()
    assert str(pickup.day) == "2026-03-04"
    client.post(f"{answer['Location']}change/", {"day": "", "opens": "x", "closes": ""})
    client.post(f"{answer['Location']}cancellation/")
    pickup.refresh_from_db()
    assert pickup.state == "CANCELLED"


def test_the_form_begins_with_a_day_that_is_not_too_late(at):
    evening = at.replace(hour=18)  # 19:00 in Madrid; Correo del Sur wants to know by 18:00 of the day before
    assert services.first_day(visit=visit(), now=evening) == TUESDAY
    assert services.first_day(visit=visit("correo-sur"), now=evening) == TUESDAY + timedelta(days=1)
    friday = evening + timedelta(days=4)
    assert services.first_day(visit=visit("correo-sur"), now=friday) == date(2026, 3, 9)
    assert services.first_day(visit=visit(opens=time(3)), now=at) is None


def test_the_form_says_what_is_wrong(at):
    client = logged_in(world.person(at))
    for changes, words in (
        ({"day": ""}, "Choose at least one"), ({"often": "weekly"}, "Choose at least one"),
        ({"day": "2026-03-07"}, "does not collect on this day"), ({"street": ""}, "This field is required"),
        ({"carrier": "norte"}, "does not collect there"), ({"opens": "x"}, "Enter a valid time"),
    ):  # fmt: skip
        assert words in client.post("/shipments/pickups/new/", form(**changes)).content.decode(), changes
    assert not Pickup.objects.exists()
    client.post("/shipments/pickups/new/", form(often="weekly", weekdays=["1", "3"]))
    schedule = PickupSchedule.objects.get()
    assert "Tuesday, Thursday" in client.get(LIST).content.decode()
    client.post(f"/shipments/pickups/schedules/{schedule.id}/end/")
    schedule.refresh_from_db()
    assert schedule.ended_at


def test_collected_and_missed_by_hand(at, monkeypatch):
    seller = world.person(at)
    shipment = booked_shipment(now=at, seller_id=seller.organisation_id)
    first = confirmed_pickup(now=at, seller_id=seller.organisation_id)
    second = confirmed_pickup(now=at, seller_id=seller.organisation_id, carrier_code="correo-sur")
    monkeypatch.setattr("logistics.pickups.views.utc_now", lambda: first.closes_at + timedelta(hours=1))
    client = logged_in(seller)
    assert client.post(f"{LIST}{first.id}/completion/", {"id": "nonsense"}).status_code == 404
    client.post(f"{LIST}{first.id}/completion/", {"id": str(shipment.shipment_id)})
    client.post(f"{LIST}{second.id}/absence/")
    assert {Pickup.objects.get(id=one.id).state for one in (first, second)} == {"DONE", "MISSED"}
    assert Shipment.objects.get().state == "HANDED_OVER"


def test_strangers_see_and_do_nothing(at):
    pickup = confirmed_pickup(now=at, seller_id=new_id())
    schedule = start(new_id(), at)
    for person in (world.person(at), world.open_seller(at)):
        client = logged_in(person)
        assert client.get(f"{LIST}{pickup.id}/").status_code == 404
        for step in ("change", "cancellation", "completion", "absence"):
            assert client.post(f"{LIST}{pickup.id}/{step}/", {}).status_code == 404, step
        assert client.post(f"{LIST}schedules/{schedule.id}/end/").status_code == 404
        assert pickup.number not in client.get(LIST).content.decode()
    assert Client().get(LIST).status_code == 302
    pickup.refresh_from_db()
    assert pickup.state == "CONFIRMED"


def test_the_lists_ask_the_same_however_long(at):
    seller = world.person(at)
    client, counts = logged_in(seller), []
    for days in ((0,), (1, 2, 3)):
        for day in days:
            booked_shipment(now=at, seller_id=seller.organisation_id)
            booked_pickup(now=at, seller_id=seller.organisation_id, day=TUESDAY + timedelta(days=day))
        for page in (LIST, "/shipments/to-ship/", "/api/v1/shipping/pickups/"):
            client.get(page)
            with CaptureQueriesContext(connection) as asked:
                assert client.get(page).status_code == 200
            counts.append(len(asked))
    assert counts[:3] == counts[3:]
    assert max(counts) < 14


# ------------------------------------------------------------------------------------------------ API


def post(client, path, body=None):
    return client.post(
        f"/api/v1/shipping/{path}", body or {}, content_type="application/json",
        headers={"Idempotency-Key": str(uuid4())},
    )  # fmt: skip


WISH = {"carrier_code": "ruta", "day": "2026-03-03", "opens": "14:00", "closes": "17:00"}
DOOR = {"name": "Luna", "street": "Calle 1", "city": "Zaragoza", "postcode": "50001", "country": "ES"}


def test_the_api_books_changes_and_completes(at, monkeypatch):
    seller = world.person(at)
    client = logged_in(seller)
    assert post(client, "pickups/", WISH).status_code == 422  # nobody knows where
    shipment = booked_shipment(now=at, seller_id=seller.organisation_id)
    made = post(client, "pickups/", {**WISH, "address": DOOR})
    assert made.status_code == 201
    body = made.json()
    assert [one["tracking_number"] for one in body["parcels"]] == [shipment.tracking_number]
    where = f"pickups/{body['id']}/"
    assert client.get(f"/api/v1/shipping/{where}").json()["pickup_state"] == "CONFIRMED"
    assert post(client, "pickups/", WISH).json()["code"] == "pickup_there"
    assert post(client, "pickups/", {**WISH, "day": "soon"}).status_code == 422
    changed = post(client, f"{where}change/", {"day": "2026-03-04", "opens": "10:00", "closes": "12:00"})
    assert changed.json()["pickup_state"] == "BOOKED"
    pickup = Pickup.objects.get()
    monkeypatch.setattr("logistics.pickups.api.utc_now", lambda: pickup.opens_at)
    done = post(client, f"{where}completion/")
    assert done.json()["pickup_state"] == "DONE"
    assert Shipment.objects.get().state == "HANDED_OVER"
    assert post(client, f"{where}cancellation/").status_code == 409
    assert client.get("/api/v1/shipping/pickups/").json()["results"][0]["id"] == body["id"]


def test_the_api_of_standing_bookings(at):
    client, other = logged_in(world.person(at)), logged_in(world.person(at))
    wish = {key: value for key, value in WISH.items() if key != "day"} | {"weekdays": "13", "address": DOOR}
    made = post(client, "pickup-schedules/", wish)
    assert made.status_code == 201
    assert post(client, "pickup-schedules/", wish).status_code == 409
    assert post(client, "pickup-schedules/", {**wish, "weekdays": "9"}).status_code == 422
    where = f"/api/v1/shipping/pickup-schedules/{made.json()['id']}/"
    assert other.delete(where).status_code == 404
    assert other.get("/api/v1/shipping/pickup-schedules/").json() == []
    assert len(client.get("/api/v1/shipping/pickup-schedules/").json()) == 1
    assert client.delete(where).status_code == 204
    assert not Pickup.objects.exclude(state="CANCELLED").exists()
