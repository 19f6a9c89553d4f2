"""Signals into days, orders into sales, figures into ranking: each once, whatever comes late, twice or broken."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, transaction

from analytics import facade
from analytics.metrics.models import BehaviourDay, DirtyListing, OrderFact, SalesDay
from analytics.metrics.services import record_cancelled_order, record_paid_order
from analytics.ranking.services import compute_dirty_listings
from analytics.signals import queue, services, sinks
from analytics.signals.models import QuarantinedSignal, StoredSignal
from analytics.signals.rules import Envelope, decode, encode
from core import signals
from core.clock import utc_now
from core.events.marketplace import OrderCancelled, OrderLine, OrderPaid
from core.ids import new_id
from core.models import Delivery, EventRecord
from core.money import Money
from core.outbox import services as outbox
from core.signals import Signal
from marketplace.catalog.models import Signals
from tests import world


@pytest.fixture
def own_queue(monkeypatch):
    monkeypatch.setattr(queue, "KEY", f"lonja:test:{new_id()}")
    yield
    queue._client().delete(queue.KEY)


def viewed(now, listing_id=None, seller_id=None, name=signals.VIEWED):
    return Signal(name, now, anon_id="a", listing_id=listing_id or new_id(), seller_id=seller_id or new_id())


def test_the_queue_is_drained_into_the_table_and_a_repeat_changes_nothing(real_database, own_queue, now, monkeypatch):
    envelopes = [Envelope(new_id(), viewed(now)) for _ in range(3)]
    queue.push([encode(e) for e in envelopes] + ["not json", "{}"])
    crash = [True]
    forget = queue.forget

    def forget_or_crash(count):
        if crash[0]:
            raise ConnectionError
        forget(count)

    monkeypatch.setattr(queue, "forget", forget_or_crash)
    with pytest.raises(ConnectionError):  # killed between the commit and the queue
        services.flush_queue(now=now)
    crash[0] = False
    assert services.flush_queue(now=now) == 0
    assert StoredSignal.objects.count() == 3
    assert queue.peek(10) == []
    assert services.flush_queue(now=now) == 0
    assert "Unreadable" not in QuarantinedSignal.objects.first().reason


def test_the_queue_is_bounded(own_queue, monkeypatch):
    monkeypatch.setattr(queue, "MAX_LENGTH", 5)
    queue.push([str(n) for n in range(9)])
    assert queue.peek(100) == ["0", "1", "2", "3", "4"]


def test_the_sink_is_bounded_and_never_raises(now):
    pushed = []
    sink = sinks.QueueSink(pushed.extend, size=10)
    sink._start = lambda: None
    sink.take([viewed(now) for _ in range(25)])
    assert sink.push_buffered() == 10

    def broken(_texts):
        raise ConnectionError

    sink = sinks.QueueSink(broken, size=10)
    sink._start = lambda: None
    sink.take([viewed(now)])
    assert sink.push_buffered() == 0
    assert sink.push_buffered() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(("change", "reason"), [
    ({"name": "made_up"}, "unknown name"), ({"listing_id": None}, "names no listing or seller"),
    ({"position": -1}, "position out of range"), ({"anon_id": "x" * 65}, "text not storable"),
])  # fmt: skip
def test_bad_signals_go_to_quarantine_with_a_reason(now, change, reason):
    bad = replace(viewed(now), **change)
    future = replace(viewed(now), occurred_at=now + timedelta(hours=1))
    assert facade.store_signals([bad, viewed(now), future], now) == 1
    assert set(QuarantinedSignal.objects.values_list("reason", flat=True)) == {reason, "from the future"}


@pytest.mark.django_db
def test_old_signals_are_forgotten(now):
    facade.store_signals([viewed(now)], now)
    assert services.forget_old_signals(now=now + timedelta(days=89)) == 0
    assert services.forget_old_signals(now=now + timedelta(days=91)) == 1


def test_a_signal_survives_the_wire(now):
    full = Envelope(
        new_id(), Signal(signals.CLICKED, now, "anon", new_id(), new_id(), new_id(), new_id(), "mesa ñ", 14)
    )
    assert decode(encode(full)) == full


def test_a_late_committer_is_counted_once_and_none_is_skipped(real_database, now):
    listing, seller = new_id(), new_id()
    opened, finish = threading.Event(), threading.Event()

    def late():
        with transaction.atomic():
            facade.store_signals([viewed(now, listing, seller)], now)
            opened.set()
            finish.wait(10)
        connection.close()

    thread = threading.Thread(target=late)
    thread.start()
    assert opened.wait(10)
    facade.store_signals([viewed(now, listing, seller), viewed(now, listing, seller, signals.IMPRESSION)], now)
    facade.roll_up(now)
    finish.set()
    thread.join()
    facade.roll_up(now)
    facade.roll_up(now)
    for scope, subject in (("LISTING", listing), ("SELLER", seller)):
        day = BehaviourDay.objects.get(scope=scope, subject_id=subject)
        assert (day.views, day.impressions, day.clicks) == (2, 1, 0)
    assert list(DirtyListing.objects.values_list("listing_id", flat=True)) == [listing]


def test_small_batches_and_racing_roll_ups_count_everything_once(real_database, now, monkeypatch):
    monkeypatch.setattr("analytics.metrics.services.BATCH", 7)
    seller = new_id()
    facade.store_signals([viewed(now, seller_id=seller) for _ in range(50)], now)

    def roll():
        facade.roll_up(now)
        connection.close()

    threads = [threading.Thread(target=roll) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert BehaviourDay.objects.get(scope="SELLER").views == 50


def order_event(cls, now, order_id, seller_id, **facts):
    return cls(order_id=order_id, number="LJ-1", purchase_id=new_id(), buyer_id=new_id(), seller_id=seller_id, at=now,
               **facts)  # fmt: skip


@pytest.mark.django_db
def test_orders_count_from_events_once_and_cancellations_take_them_off_once(now):
    order, seller, listing = new_id(), new_id(), new_id()
    line = OrderLine(listing, "Cloth", 2, Money(4800, "EUR"))
    paid = order_event(OrderPaid, now, order, seller, total=Money(10_200, "EUR"), lines=(line,))
    for _ in range(2):
        outbox.publish(paid, actor=world.Actor.system("test"), now=now)
    outbox.drain(now=now)
    sold = SalesDay.objects.get(scope="SELLER")
    assert (sold.orders, sold.units, sold.revenue_minor) == (1, 2, 10_200)
    assert SalesDay.objects.get(scope="LISTING", subject_id=listing).revenue_minor == 9_600
    record = EventRecord.objects.filter(name=OrderPaid.wire_name).first()
    Delivery.objects.create(event_id=record.id, key=record.key, due_at=now)  # a relay died before it settled
    later = now + timedelta(days=2)
    gone = order_event(OrderCancelled, later, order, seller, by="BUYER", reason="", was_paid=True)
    for _ in range(2):
        outbox.publish(gone, actor=world.Actor.system("test"), now=later)
    outbox.drain(now=later)
    sold.refresh_from_db()
    assert (sold.orders, sold.units, sold.revenue_minor) == (0, 0, 0)
    assert SalesDay.objects.count() == 2


@pytest.mark.django_db
def test_a_cancellation_before_its_payment_leaves_nothing_behind(now):
    order, seller = new_id(), new_id()
    assert record_cancelled_order(order_id=order, seller_id=seller, cancelled_at=now)
    line = OrderLine(new_id(), "Cloth", 1, Money(100, "EUR"))
    assert not record_paid_order(order_id=order, seller_id=seller, total=Money(100, "EUR"), lines=(line,), paid_at=now)
    assert OrderFact.objects.get().is_cancelled
    assert not SalesDay.objects.exists()


def test_a_real_purchase_reaches_the_figures_of_ranking_and_the_overview(real_database, now):
    seller, buyer = world.open_seller(now), world.person(now)
    listing = world.published(seller, now)
    facts = (listing.id, seller.organisation_id)
    facade.store_signals(
        [viewed(now, *facts, name=n) for n in (signals.IMPRESSION, signals.CLICKED, signals.VIEWED, signals.VIEWED)],
        now,
    )
    facade.roll_up(now)
    world.buy(buyer, listing, now, quantity=3)
    assert compute_dirty_listings(now=now) == 1
    assert compute_dirty_listings(now=now) == 0
    row = Signals.objects.get(listing_id=listing.id)
    assert (row.units_sold_30d, row.views_30d) == (3, 2)
    assert facade.compute_listing_signals(now) == 0  # the same figures again: nothing to index
    seen = facade.overview(seller.organisation_id, 7, now)
    assert (seen.orders, seen.units, seen.behaviour.views, len(seen.days)) == (1, 3, 2, 7)
    later = now + timedelta(days=40)
    assert facade.compute_listing_signals(later) == 1
    row.refresh_from_db()
    assert row.units_sold_30d == 0


def test_the_sink_pushes_from_a_thread_of_its_own_and_the_flush_stores_it(real_database, own_queue, now):
    pushed = threading.Event()

    def push(texts):
        queue.push(texts)
        pushed.set()

    sink = sinks.QueueSink(push)
    caller = threading.current_thread().name
    sink.take([viewed(now), viewed(now)])
    assert pushed.wait(10)
    assert "signals" in {thread.name for thread in threading.enumerate()} - {caller}
    assert services.flush_queue(now=now) == 2
    assert set(StoredSignal.objects.values_list("anon_id", flat=True)) == {"a"}


@pytest.mark.django_db
def test_emitted_signals_are_stored_at_once_in_tests(now):
    signals.emit(viewed(now.replace(year=now.year + 50)))  # refused: from the future
    signals.emit(viewed(utc_now()))
    assert (StoredSignal.objects.count(), QuarantinedSignal.objects.count()) == (1, 1)
