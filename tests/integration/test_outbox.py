"""The outbox: inside a transaction only, at least once, in order within a key, parked after many failures."""

from datetime import timedelta

import pytest
from django.db import transaction

from core.actor import Actor
from core.events.payments import PayoutPaid
from core.ids import new_id
from core.models import Consumption, Delivery, EventRecord
from core.money import Money
from core.outbox import services as outbox

ACTOR = Actor.system("test")


@pytest.fixture
def handlers(monkeypatch):
    table = {}
    monkeypatch.setattr(outbox, "_HANDLERS", table)
    return table


def event(now, payout_id=None, minor=1):
    return PayoutPaid(payout_id=payout_id or new_id(), seller_id=new_id(), amount=Money(minor, "EUR"), at=now)


def test_publishing_needs_a_transaction(real_database, now):
    with pytest.raises(outbox.OutsideTransaction):
        outbox.publish(event(now), actor=ACTOR, now=now)


@pytest.mark.django_db
def test_each_handler_has_one_effect_even_when_delivered_again(handlers, now):
    seen = []

    def handler(received, *, now):
        seen.append(received)

    outbox.subscribe(PayoutPaid, handler)
    published = event(now)
    outbox.publish(published, actor=ACTOR, now=now)
    delivery = Delivery.objects.get()
    assert outbox.drain(now=now) == 1
    assert seen == [published]
    Delivery.objects.create(event_id=delivery.event_id, key=delivery.key, due_at=now)  # a relay died before it settled
    outbox.drain(now=now)
    assert len(seen) == 1
    assert not Delivery.objects.exists()
    assert Consumption.objects.count() == 1
    assert EventRecord.objects.count() == 1


@pytest.mark.django_db
def test_a_failing_event_is_retried_with_growing_delay_then_parked_and_can_be_replayed(handlers, now):
    broken = [True]
    done = []

    def handler(received, *, now):
        if broken[0]:
            raise ValueError("no")
        done.append(received)

    outbox.subscribe(PayoutPaid, handler)
    outbox.publish(event(now), actor=ACTOR, now=now)
    moment, delays = now, []
    for _ in range(outbox.MAX_ATTEMPTS):
        assert outbox.relay_due(now=moment) == 1
        row = Delivery.objects.get()
        delays.append(row.due_at - moment)
        moment = row.due_at
    assert delays == [outbox.FIRST_RETRY * 2**n for n in range(outbox.MAX_ATTEMPTS)]
    assert row.parked_at is not None
    assert "no" in row.last_error
    assert outbox.relay_due(now=moment + timedelta(days=1)) == 0
    broken[0] = False
    outbox.replay(delivery_id=row.event_id, actor=ACTOR, now=moment)
    assert outbox.drain(now=moment) == 1
    assert len(done) == 1


@pytest.mark.django_db
def test_order_is_kept_within_a_key_and_others_are_not_held_back(handlers, now):
    seen = []
    key = new_id()

    def handler(received, *, now):
        if received.amount.minor == 1 and len(seen) < 1:
            seen.append("failed")
            raise ValueError
        seen.append(received.amount.minor)

    outbox.subscribe(PayoutPaid, handler)
    outbox.publish(event(now, key, 1), actor=ACTOR, now=now)
    outbox.publish(event(now, key, 2), actor=ACTOR, now=now)
    outbox.publish(event(now, None, 9), actor=ACTOR, now=now)
    outbox.drain(now=now)
    assert seen == ["failed", 9]
    outbox.drain(now=now + outbox.FIRST_RETRY)
    assert seen == ["failed", 9, 1, 2]


def test_two_relays_never_deliver_the_same_row(real_database, now):
    import threading

    from django.db import connection

    with transaction.atomic():
        for _ in range(30):
            outbox.publish(event(now), actor=ACTOR, now=now)
    counts = []
    barrier = threading.Barrier(3)

    def relay():
        barrier.wait()
        counts.append(outbox.drain(now=now))
        connection.close()

    threads = [threading.Thread(target=relay) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == 30
    assert not Delivery.objects.exists()


def test_the_log_is_append_only_whoever_asks(real_database, now):
    from django.db import DatabaseError, connection

    with transaction.atomic():
        outbox.publish(event(now), actor=ACTOR, now=now)
    for statement in (
        "UPDATE core_eventrecord SET name = 'x'",
        "DELETE FROM core_eventrecord",
        "TRUNCATE core_eventrecord CASCADE",
    ):
        with pytest.raises(DatabaseError), connection.cursor() as cursor:
            cursor.execute(statement)
    assert EventRecord.objects.count() == 1
