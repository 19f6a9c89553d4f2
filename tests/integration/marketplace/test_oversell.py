"""Real concurrent checkouts: the last units are sold once, the losers keep their carts, a repeated submit is one."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connections

from core.errors import DomainError, InvalidInput
from marketplace.carts.models import CartLine
from marketplace.checkout.services import place_purchase
from marketplace.contracts import NotEnoughStock, PlaceRequest
from marketplace.orders.models import Order, Purchase
from payments.charges.models import Charge
from tests import world


def at_once(jobs):
    """Run the jobs in threads that start together; results or the errors they raised."""
    barrier = Barrier(len(jobs))

    def run(job):
        try:
            barrier.wait(timeout=30)
            return job()
        except DomainError as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def submit(buyer, delivery, now, key=""):
    request = PlaceRequest(key=key or str(uuid4()), address=world.VALENCIA, delivery=delivery)
    return lambda: place_purchase(request=request, actor=buyer.actor, now=now)


def test_the_last_units_are_sold_once(real_database, now):
    seller, second = world.open_seller(now), world.open_seller(now, name="Alfar Norte")
    scarce = world.published(seller, now, stock=3)
    plenty = world.published(second, now, title="Linen napkins, set of four", stock=100)
    buyers = [world.person(now) for _ in range(6)]
    for buyer in buyers:
        world.fill_cart(buyer, {scarce.id: 1, plenty.id: 2}, now)
    results = at_once([submit(b, world.cheapest_delivery(b, now), now) for b in buyers])
    winners = [b for b, r in zip(buyers, results, strict=True) if isinstance(r, Purchase)]
    losers = [b for b, r in zip(buyers, results, strict=True) if isinstance(r, NotEnoughStock)]
    assert (len(winners), len(losers)) == (3, 3), results
    scarce.stock.refresh_from_db()
    plenty.stock.refresh_from_db()
    assert (scarce.stock.on_hand, scarce.stock.reserved) == (3, 3)
    assert plenty.stock.reserved == 6
    assert Order.objects.count() == 6
    assert Charge.objects.count() == 3
    for loser in losers:
        assert CartLine.objects.filter(cart__organisation_id=loser.organisation_id).count() == 2
        assert not Purchase.objects.filter(buyer_id=loser.organisation_id).exists()


def test_one_buyer_who_submits_twice_at_once_buys_once(real_database, now):
    listing = world.published(world.open_seller(now), now, stock=5)
    buyer = world.person(now)
    world.fill_cart(buyer, {listing.id: 2}, now)
    delivery, key = world.cheapest_delivery(buyer, now), str(uuid4())
    results = at_once([submit(buyer, delivery, now, key) for _ in range(5)])
    assert len({r.id for r in results}) == 1, results
    listing.stock.refresh_from_db()
    assert listing.stock.reserved == 2


@pytest.mark.django_db
def test_the_same_submit_again_finds_its_purchase_and_other_content_is_refused(now):
    listing = world.published(world.open_seller(now), now)
    buyer = world.person(now)
    world.fill_cart(buyer, {listing.id: 1}, now)
    delivery, key = world.cheapest_delivery(buyer, now), str(uuid4())
    first = submit(buyer, delivery, now, key)()
    assert submit(buyer, delivery, now, key)().id == first.id
    with pytest.raises(InvalidInput) as refused:
        submit(buyer, dict.fromkeys(delivery, "other"), now, key)()
    assert refused.value.field == "key"
    assert Purchase.objects.count() == 1
