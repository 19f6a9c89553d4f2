"""The learned promise in the product: trained, put in force, quoted, scored, and what a broken one gives back."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from core.actor import Actor
from core.models import EventRecord
from logistics import facade
from logistics.contracts import PROMISE_MODEL, Place, QuoteRequest
from logistics.models import PromiseLevels, PromiseVersion, Shipment
from logistics.promises import services
from logistics.promises.features import parcel_journey
from logistics.rates.services import bump_revision
from logistics.tracking import services as tracking
from tests.factories.logistics import PARCEL, booked_shipment, handed_over_shipment
from tests.integration.logistics.test_webhooks import OPERATOR, body_of, receive

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
REQUEST = QuoteRequest(Place("ES", "50001"), Place("PT", "1100"), PARCEL, 1)


def past(now, count=600, slow=1.0):
    """Parcels of one lane that took about a week."""
    source = np.random.default_rng(2)
    found = []
    for number in range(count):
        start = now - timedelta(days=200) + timedelta(days=number * 195 / count)
        end = start + timedelta(days=float(source.gamma(12, 0.5)) * slow)
        found.append(parcel_journey(
            service="ruta-24", origin=Place("ES"), destination=Place("PT", "1100"), weight_grams=1_000, starts_at=start,
            delivered_at=end if end < now else None,
        ))  # fmt: skip
    return found


def quote(now):
    (found,) = facade.quote_many(requests=[REQUEST], now=now)
    return {offer.service_code: offer for offer in found.quotes}


def test_a_version_in_force_promises_the_lanes_it_knows_and_rate_sheets_the_others(now):
    before = quote(now)
    version = services.train_promise(journeys=past(now), activate=True, actor=SYSTEM, now=now)
    bump_revision()
    after = quote(now)
    assert after["ruta-24"].model_version == version.code
    assert (after["ruta-24"].latest - after["ruta-24"].ship_by.date()).days in range(7, 14)
    assert after["ruta-24"].earliest <= after["ruta-24"].latest
    assert after["ruta-24"].ship_by == before["ruta-24"].ship_by
    assert after["ruta-24"].latest.weekday() < 6  # never on a day without delivery
    assert after["ruta-plus"] == before["ruta-plus"]
    assert after["ruta-plus"].model_version == PROMISE_MODEL
    assert 0.8 < version.figures["coverage"] <= 1
    services.retire_promise(actor=OPERATOR, now=now)
    bump_revision()
    assert quote(now) == before


def test_levels_follow_a_slow_month_without_a_new_training(now):
    services.train_promise(journeys=past(now), activate=True, actor=SYSTEM, now=now)
    bump_revision()
    usual = quote(now)["ruta-24"].latest
    assert services.refresh_levels(journeys=past(now, slow=1.6), now=now)
    bump_revision()
    assert quote(now)["ruta-24"].latest > usual


def test_a_warm_quote_still_takes_one_query(now, django_assert_num_queries):
    services.train_promise(journeys=past(now), activate=True, actor=SYSTEM, now=now)
    bump_revision()
    quote(now)
    with django_assert_num_queries(1):
        quote(now)


def test_too_few_parcels_teach_nothing(now):
    with pytest.raises(services.TooFewJourneys):
        services.train_promise(journeys=past(now, count=50), activate=True, actor=SYSTEM, now=now)
    with pytest.raises(CommandError, match="too few"):
        call_command("train_promise")
    assert not PromiseVersion.objects.exists()
    assert not services.refresh_levels(journeys=past(now, count=50), now=now)
    assert not PromiseLevels.objects.exists()


def broken(shipment):
    rows = EventRecord.objects.filter(name="logistics.promise.broken.v1", key=str(shipment.order_id))
    return [row.payload for row in rows]


def local_noon(day, zone="Europe/Lisbon"):
    from datetime import datetime, time

    return datetime.combine(day, time(12), tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(("late", "share"), [(0, None), (1, 5_000), (2, 5_000), (3, 10_000), (9, 10_000)])
def test_a_broken_promise_is_told_once_with_its_remedy(now, late, share):
    shipment = handed_over_shipment(now=now)
    at = local_noon(shipment.promised_latest) + timedelta(days=late)
    receive(body_of(shipment, "end", "RX400", at), now=at)
    told = broken(shipment)
    assert facade.get_shipment(shipment.shipment_id).kept_promise is (late == 0)
    if share is None:
        assert told == []
    else:
        assert [(fact["days_late"], fact["remedy_bps"], fact["liable"]) for fact in told] == [(late, share, "CARRIER")]
    tracking.correct_event(shipment_id=shipment.shipment_id, event_id="end", reason="wrong", actor=OPERATOR, now=at)
    later = at + timedelta(days=30)
    receive(body_of(shipment, "end2", "RX400", later), now=later)
    assert len(broken(shipment)) == len(told)


def test_the_seller_answers_for_a_late_hand_over(now):
    shipment = booked_shipment(now=now)
    handed = shipment.ship_by + timedelta(hours=5)
    receive(body_of(shipment, "a", "RX100", handed), now=handed)
    at = local_noon(shipment.promised_latest + timedelta(days=1))
    receive(body_of(shipment, "b", "RX400", at), now=at)
    assert broken(shipment)[0]["liable"] == "SELLER"


def test_the_calibration_page_is_public_and_counts(client, now, django_assert_max_num_queries):
    assert "No promise has been scored yet" in client.get("/promises/").content.decode()
    shipment = handed_over_shipment(now=now)
    from core.clock import utc_now

    at = utc_now() - timedelta(days=3)
    Shipment.objects.update(delivered_at=at, kept_promise=True, booked_at=at - timedelta(days=2))
    with django_assert_max_num_queries(8):
        page = client.get("/promises/").content.decode()
    assert "Ruta 24" in page
    assert "100 %" in page
    assert shipment.tracking_number not in page


def test_scorecards_charge_incidents_to_who_answers_for_them(client, now, django_assert_num_queries):
    from logistics.tracking.scorecards import carrier_scorecards

    kept, late = handed_over_shipment(now=now), handed_over_shipment(now=now)
    soon = now + timedelta(days=1)
    receive(body_of(kept, "not-home", "RX310", soon), now=soon)
    receive(body_of(kept, "end", "RX400", soon + timedelta(hours=3)), now=soon + timedelta(hours=3))
    receive(body_of(late, "damaged", "RX500", soon), now=soon)
    at = local_noon(late.promised_latest) + timedelta(days=2)
    receive(body_of(late, "end", "RX400", at), now=at)
    with django_assert_num_queries(2):
        (card,) = carrier_scorecards(now=at)
    assert (card.service_code, card.ended, card.scored, card.kept, card.damaged) == ("ruta-24", 2, 2, 1, 1)
    assert card.incidents == {"BUYER": 1, "CARRIER": 1}
    assert card.reliability == 0  # one of two promises kept, half of the parcels damaged
    assert client.get("/api/v1/shipping/carriers/scorecards/").status_code == 200
