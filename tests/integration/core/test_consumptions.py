"""Proofs of delivery are kept while an event may come again, and for a month."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.actor import Actor
from core.events.marketplace import ListingPublished
from core.ids import new_id
from core.outbox import services
from core.outbox.models import Consumption, Delivery

pytestmark = pytest.mark.django_db


def test_only_old_proofs_of_delivered_events_are_forgotten(now):
    services.publish(
        ListingPublished(listing_id=new_id(), seller_id=new_id(), at=now), actor=Actor.system("test"), now=now
    )
    waiting = Delivery.objects.get().event.event_id
    old, young = new_id(), new_id()
    for event_id, age in ((waiting, 60), (old, 60), (young, 1)):
        Consumption.objects.create(event_id=event_id, handler="h", consumed_at=now - timedelta(days=age))
    assert services.forget_old_consumptions(before=now - timedelta(days=30)) == 1
    assert set(Consumption.objects.values_list("event_id", flat=True)) == {waiting, young}
    assert services.forget_old_consumptions(before=now - timedelta(days=30)) == 0
