"""Plans of going on sale with several workers and real commits."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.db import connections

from core.outbox.models import EventRecord
from marketplace.catalog import services as catalog
from marketplace.catalog.scheduling import publish_due_listings, schedule_publication
from tests import world

HOUR = timedelta(hours=1)


def test_two_workers_take_different_plans(real_database, now):
    seller = world.open_seller(now)
    for n in range(12):
        made = catalog.create_listing(listing=world.listing_input(title=f"Cloth {n}"), actor=seller.actor, now=now)
        schedule_publication(listing_id=made.id, at=now + HOUR, actor=seller.actor, now=now)

    def work():
        try:
            return publish_due_listings(now=now + HOUR)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        assert sum(f.result() for f in [pool.submit(work) for _ in range(3)]) == 12
    assert EventRecord.objects.filter(name="marketplace.listing.published.v1").count() == 12
