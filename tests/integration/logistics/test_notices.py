"""News of parcels: once for a stage, to both sides, in each reader's language, as each person chose."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from core.ids import new_id
from logistics.carriers.ports import CarrierScan
from logistics.contracts import TrackingStatus as T
from logistics.notices import selectors, services
from logistics.notices.letters import send_notice
from logistics.notices.models import Notice
from logistics.notices.rules import Side, Stage
from logistics.notices.words import tell
from logistics.shipments.models import Shipment
from logistics.tracking.services import ingest_scans
from tests import world
from tests.factories.logistics import booked_shipment

PAGE = "/notices/"
_numbers = itertools.count(1)


def logged_in(person) -> Client:
    client = Client()
    client.force_login(person.user)
    return client


def scanned(shipment, status, *, at, event_id="", corrects=""):
    """The carrier tells a status of the parcel."""
    event_id = event_id or f"test-{next(_numbers)}"
    scan = CarrierScan(shipment.carrier_code, shipment.carrier_number, event_id, "X", "", "", status, at, corrects)
    ingest_scans(scans=[scan], source="POLL", now=at)


def told(shipment_id=None):
    rows = Notice.objects.filter(shipment_id=shipment_id) if shipment_id else Notice.objects.all()
    return sorted((row.stage, row.side) for row in rows)


def both(*stages):
    return sorted((stage.value, side.value) for stage in stages for side in Side)


def in_words(notice, language="en"):
    row = Notice.objects.select_related("shipment__carrier", "shipment__promise").get(id=notice.id)
    with override(language):
        return tell(row, windows=selectors.loss_windows([row]))


# ------------------------------------------------------------------------------------------------ following


def test_both_sides_hear_of_each_stage_once_whatever_comes_twice_late_or_out_of_order(real_database, now):
    shipment = booked_shipment(now=now)
    hour = timedelta(hours=1)
    scanned(shipment, T.PICKED_UP, at=now + hour)
    scanned(shipment, T.PICKED_UP, at=now + hour, event_id="again")
    scanned(shipment, T.OUT_FOR_DELIVERY, at=now + 5 * hour, event_id="out")
    scanned(shipment, T.AT_HUB, at=now + 3 * hour)  # late: it changes nothing
    scanned(shipment, T.OUT_FOR_DELIVERY, at=now + 5 * hour, event_id="out")
    scanned(shipment, T.ATTEMPT_FAILED, at=now + 6 * hour)
    scanned(shipment, T.OUT_FOR_DELIVERY, at=now + 30 * hour)
    scanned(shipment, T.ATTEMPT_FAILED, at=now + 31 * hour)
    scanned(shipment, T.READY_FOR_PICKUP, at=now + 33 * hour)
    scanned(shipment, T.DELIVERED, at=now + 50 * hour)
    later = now + 51 * hour
    assert services.follow_events(now=later) > 6
    expected = both(
        Stage.SHIPPED, Stage.OUT_FOR_DELIVERY, Stage.ATTEMPT_FAILED, Stage.READY_FOR_PICKUP, Stage.DELIVERED
    )
    assert told() == expected
    assert services.follow_events(now=later) == 0
    assert told() == expected


def test_losses_returns_and_what_turns_up_again(real_database, now):
    lost, back = booked_shipment(now=now), booked_shipment(now=now)
    for shipment, statuses in (
        (lost, (T.PICKED_UP, T.SUSPECTED_LOST, T.IN_TRANSIT, T.SUSPECTED_LOST, T.LOST)),
        (back, (T.PICKED_UP, T.DELAYED, T.RETURNING, T.RETURNED)),
    ):
        for number, status in enumerate(statuses):
            scanned(shipment, status, at=now + timedelta(hours=number))
    services.follow_events(now=now)
    assert told(lost.shipment_id) == both(Stage.SHIPPED, Stage.SUSPECTED_LOST, Stage.LOST)
    assert told(back.shipment_id) == both(Stage.SHIPPED, Stage.DELAYED, Stage.RETURNED)


def test_events_nobody_can_read_are_not_in_the_way(real_database, now):
    shipment = booked_shipment(now=now)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_eventrecord (event_id, name, key, payload, occurred_at, actor)"
            " VALUES (gen_random_uuid(), 'logistics.tracking.updated.v1', 'x', '{}', now(), '')"
        )
    scanned(shipment, T.PICKED_UP, at=now)
    services.follow_events(now=now)
    assert told() == both(Stage.SHIPPED)


@pytest.mark.django_db
def test_late_against_the_promise_is_told_once_by_the_recipients_calendar(now):
    late, arrived, waiting = (booked_shipment(now=now) for _ in range(3))
    for shipment in (late, arrived):
        scanned(shipment, T.PICKED_UP, at=now)
    scanned(arrived, T.DELIVERED, at=now + timedelta(hours=30))
    last_day = late.promised_latest
    evening = now.replace(year=last_day.year, month=last_day.month, day=last_day.day, hour=23, minute=30)
    assert services.tell_delays(now=evening) == 0  # still the last day in Lisbon
    assert services.tell_delays(now=evening + timedelta(hours=1)) == 1
    assert services.tell_delays(now=evening + timedelta(hours=2)) == 0
    assert told() == both(Stage.DELAYED)
    assert Notice.objects.first().shipment_id == late.shipment_id
    assert waiting.handed_over_at is None


# ------------------------------------------------------------------------------------------------ words


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("stage", "recipient", "sender"),
    [
        (Stage.SHIPPED, "It arrives from", "It arrives from"),
        (Stage.OUT_FOR_DELIVERY, "delivered today, Mon 2 Mar", "delivered today, Mon 2 Mar"),
        (Stage.READY_FOR_PICKUP, "Collect it until Mon 9 Mar", "goes back to you if nobody collects it until Mon 9 Mar"),
        (Stage.ATTEMPT_FAILED, "tries again on Tue 3 Mar. Be there", "Ask the recipient"),
        (Stage.DELAYED, "It was promised for", "It was promised for"),
        (Stage.DELIVERED, "until when a problem can be reported", "when the money becomes available"),
        (Stage.SUSPECTED_LOST, "If it is not found until", "If it is not found until"),
        (Stage.LOST, "comes back to you now", "claim against the carrier"),
        (Stage.RETURNED, "handed back to the seller on Mon 2 Mar", "handed back to you on Mon 2 Mar"),
    ],
)  # fmt: skip
def test_each_side_reads_what_happens_next_and_by_when(now, stage, recipient, sender):
    shipment = booked_shipment(now=now)
    services.write_notices(news=[(shipment.shipment_id, stage, now)], now=now)
    for side, words in ((Side.RECIPIENT, recipient), (Side.SENDER, sender)):
        notice = Notice.objects.get(side=side)
        english, spanish = in_words(notice), in_words(notice, "es")
        assert words in english.text
        assert spanish.title != english.title
        assert spanish.text != english.text


# ------------------------------------------------------------------------------------------------ letters


@pytest.fixture
def sold(db, now):
    """A shipment between two people who read their mail; the recipient reads Spanish."""
    seller, buyer = world.person(now, name="Sam"), world.person(now, name="Blanca")
    buyer.user.language = "es"
    buyer.user.save()
    shipment = booked_shipment(now=now, seller_id=seller.organisation_id, buyer_id=buyer.organisation_id)
    return seller, buyer, shipment


def write(shipment, stage, now, *, status, at=None):
    Shipment.objects.filter(id=shipment.shipment_id).update(tracking_status=status)
    services.write_notices(news=[(shipment.shipment_id, stage, at or now)], now=now)


def test_letters_go_out_once_in_the_readers_language(sold, now):
    seller, buyer, shipment = sold
    write(shipment, Stage.OUT_FOR_DELIVERY, now, status=T.OUT_FOR_DELIVERY)
    assert services.mail_due(send=send_notice, now=now) == 2
    assert services.mail_due(send=send_notice, now=now + timedelta(days=1)) == 0
    (letter,) = mail.outbox  # the seller is only written to where something is to be done
    assert letter.to == [buyer.user.email]
    assert letter.subject.startswith("En reparto")
    assert f"/shipments/{shipment.shipment_id}/timeline/" in letter.body
    write(shipment, Stage.RETURNED, now, status=T.RETURNED)
    services.mail_due(send=send_notice, now=now)
    assert {one.to[0] for one in mail.outbox[1:]} == {seller.user.email, buyer.user.email}


def test_what_is_no_longer_true_or_came_late_is_not_written_about(sold, now):
    _seller, _buyer, shipment = sold
    write(shipment, Stage.OUT_FOR_DELIVERY, now, status=T.DELIVERED)
    write(shipment, Stage.DELIVERED, now, status=T.DELIVERED, at=now - timedelta(hours=25))
    services.mail_due(send=send_notice, now=now)
    assert not mail.outbox
    assert Notice.objects.filter(mail_due_at=None).count() == Notice.objects.count() == 4


def test_a_letter_that_cannot_be_sent_is_tried_again_and_given_up_in_the_end(sold, now):
    _seller, _buyer, shipment = sold
    write(shipment, Stage.DELIVERED, now, status=T.DELIVERED)

    def broken(_notice):
        raise OSError("no mail server")

    moment = now
    for _ in range(services.MAX_ATTEMPTS):
        assert services.mail_due(send=broken, now=moment) == 2
        assert services.mail_due(send=broken, now=moment) == 0
        moment += services.LEASE
    assert services.mail_due(send=send_notice, now=moment) == 0
    assert Notice.objects.filter(mailed_at=None).count() == 2


def test_everyone_chooses_for_themselves(sold, now):
    _seller, buyer, shipment = sold
    client = logged_in(buyer)
    page = f"{PAGE}preferences/"
    assert client.get(page).content.decode().count("checked") == 9 + 4 + 18  # e-mail, e-mail of the sender, in the app
    ticks = {"mail": ["RECIPIENT-LOST"], "app": ["RECIPIENT-DELIVERED", "nonsense"]}
    client.post(page, ticks)
    chosen = {(one.side, one.stage): (one.by_mail, one.in_app) for one in selectors.list_choices(buyer.user.id)}
    assert chosen[Side.RECIPIENT, Stage.LOST] == (True, False)
    assert chosen[Side.RECIPIENT, Stage.DELIVERED] == (False, True)
    assert chosen[Side.SENDER, Stage.LOST] == (False, False)
    write(shipment, Stage.DELIVERED, now, status=T.DELIVERED)
    write(shipment, Stage.SHIPPED, now, status=T.DELIVERED)
    services.mail_due(send=send_notice, now=now)
    assert not mail.outbox
    assert client.get(PAGE).content.decode().count("card stack-s") == 1


# ------------------------------------------------------------------------------------------------ pages and API


@pytest.fixture
def pages_at(monkeypatch, now):
    for module in ("views", "api"):
        monkeypatch.setattr(f"logistics.notices.{module}.utc_now", lambda: now)


def test_the_page_and_its_badge(sold, now, pages_at):
    _seller, buyer, shipment = sold
    client = logged_in(buyer)
    assert "Todavía no hay noticias" in client.get(PAGE, headers={"Accept-Language": "es"}).content.decode()
    write(shipment, Stage.SHIPPED, now, status=T.PICKED_UP)
    assert selectors.count_unread(buyer.organisation_id) in {0, 1}
    page = client.get(PAGE).content.decode()
    assert shipment.tracking_number in page
    assert Notice.objects.get(side=Side.RECIPIENT).read_at == now
    assert Notice.objects.get(side=Side.SENDER).read_at is None


def test_the_badge_counts_what_nobody_has_seen(real_database, now, pages_at):
    buyer = world.person(now)
    shipment = booked_shipment(now=now, buyer_id=buyer.organisation_id)
    client = logged_in(buyer)
    assert selectors.count_unread(buyer.organisation_id) == 0
    services.write_notices(news=[(shipment.shipment_id, Stage.SHIPPED, now)], now=now)
    assert selectors.count_unread(buyer.organisation_id) == 1
    client.get(PAGE)
    assert selectors.count_unread(buyer.organisation_id) == 0


def test_strangers_read_nothing_of_others(sold, now, pages_at):
    _seller, _buyer, shipment = sold
    write(shipment, Stage.SHIPPED, now, status=T.PICKED_UP)
    for person in (world.person(now), world.open_seller(now)):
        client = logged_in(person)
        assert shipment.tracking_number not in client.get(PAGE).content.decode()
        assert client.get("/api/v1/notices/").json()["results"] == []
        assert client.post("/api/v1/notices/reading/").json() == {"read": 0}
    assert Client().get(PAGE).status_code == 302
    assert Client().get("/api/v1/notices/").status_code in {401, 403}
    operator = logged_in(world.person(now, is_operator=True))
    assert operator.get(PAGE).status_code == 404
    assert operator.post("/api/v1/notices/reading/").status_code == 404
    assert not Notice.objects.exclude(read_at=None).exists()


def test_the_api(sold, now, pages_at):
    seller, _buyer, shipment = sold
    write(shipment, Stage.LOST, now, status=T.LOST)
    client = logged_in(seller)
    (one,) = client.get("/api/v1/notices/").json()["results"]
    assert (one["stage"], one["notice_side"], one["read_at"]) == ("LOST", "SENDER", None)
    assert "claim" in one["text"]
    assert client.post("/api/v1/notices/reading/").json() == {"read": 1}
    where = "/api/v1/notices/preferences/"
    choice = {"notice_side": "SENDER", "stage": "LOST", "by_mail": False, "in_app": False}
    put = client.put(where, [choice, choice], content_type="application/json")
    assert choice in put.json()
    assert len(put.json()) == 18
    assert client.get("/api/v1/notices/").json()["results"] == []
    assert client.put(where, [{"notice_side": "NOBODY"}], content_type="application/json").status_code == 422
    assert client.put(where, {}, content_type="application/json").status_code == 422


def test_lists_ask_the_same_however_long_and_old_ones_go(sold, now, pages_at):
    seller, _buyer, _shipment = sold
    client, counts = logged_in(seller), []
    for number in (1, 8):
        for _ in range(number):
            shipment = booked_shipment(now=now, seller_id=seller.organisation_id, buyer_id=new_id())
            write(shipment, Stage.SUSPECTED_LOST, now, status=T.SUSPECTED_LOST)
        for page in (PAGE, "/api/v1/notices/"):
            client.get(page)
            with CaptureQueriesContext(connection) as asked:
                assert client.get(page).status_code == 200
            counts.append(len(asked))
    assert counts[:2] == counts[2:]
    assert max(counts) < 11
    assert services.forget_old_notices(now=now) == 0
    assert services.forget_old_notices(now=now + timedelta(days=401)) == 18
