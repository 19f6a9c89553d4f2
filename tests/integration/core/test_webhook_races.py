"""Following the event log with several processes and late committers, on real commits."""

from __future__ import annotations

import threading

from django.db import connection, transaction

from core.webhooks import services
from core.webhooks.models import WebhookMessage
from tests import world
from tests.integration.core.test_webhooks_out import fund, hook


def test_two_followers_at_once_write_each_message_once(real_database, now):
    seller = world.person(now)
    hook(seller, now)
    for _ in range(20):
        fund(seller.organisation_id, now)

    def work():
        try:
            for _ in range(3):
                services.follow_events(now=now)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    services.follow_events(now=now)
    assert WebhookMessage.objects.count() == 20


def test_a_late_committer_is_not_skipped(real_database, now):
    """An event whose transaction began earlier but commits later than others still comes."""
    seller = world.person(now)
    hook(seller, now)
    begun, may_commit = threading.Event(), threading.Event()

    def slow():
        try:
            with transaction.atomic():
                fund(seller.organisation_id, now)
                begun.set()
                may_commit.wait(10)
        finally:
            connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    begun.wait(10)
    fund(seller.organisation_id, now)
    services.follow_events(now=now)
    may_commit.set()
    thread.join()
    services.follow_events(now=now)
    assert WebhookMessage.objects.count() == 2
