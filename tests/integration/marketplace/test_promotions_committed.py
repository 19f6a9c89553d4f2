"""Codes with real commits: money paid and sent back, and the last use of a code."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

from django.db import connections

from marketplace.carts.selectors import CartOwner
from marketplace.carts.services import set_code
from marketplace.checkout.services import place_purchase
from marketplace.contracts import CodeRefused, PlaceRequest, PromotionInput
from marketplace.orders import services as orders
from marketplace.promotions import services as promotions
from marketplace.promotions.models import Redemption
from payments import facade as payments
from tests import world


def code(seller, now, **values):
    made = PromotionInput(code="TEN", kind="PERCENT", percent=10, **values)
    promotions.create_promotion(promotion=made, actor=seller.actor, now=now)


def use(buyer, now):
    set_code(owner=CartOwner(organisation_id=buyer.organisation_id), code="ten", now=now)


def test_paid_and_cancelled_the_whole_of_what_was_paid_goes_back(real_database, now):
    seller, buyer = world.open_seller(now), world.person(now)
    listing = world.published(seller, now)
    code(seller, now)
    world.fill_cart(buyer, {listing.id: 1}, now)
    use(buyer, now)
    purchase = world.place(buyer, now)
    world.pay(buyer, purchase, now)
    order = purchase.orders.get()
    assert payments.get_escrow(order.id).held == order.total == purchase.total
    orders.cancel_order(order_id=order.id, reason="no", actor=buyer.actor, now=now)
    assert payments.get_escrow(order.id).refunded == order.total
    assert Redemption.objects.get().given_back_at == now


def test_of_two_buyers_one_gets_the_last_use(real_database, now):
    seller = world.open_seller(now)
    listing = world.published(seller, now, stock=50)
    code(seller, now, limit_total=2)
    buyers = [world.person(now) for _ in range(5)]
    for one in buyers:
        world.fill_cart(one, {listing.id: 1}, now)
        use(one, now)
    jobs = [(one, world.cheapest_delivery(one, now)) for one in buyers]
    barrier = Barrier(len(jobs))

    def submit(job):
        one, delivery = job
        try:
            barrier.wait(timeout=30)
            request = PlaceRequest(key=str(uuid4()), address=world.VALENCIA, delivery=delivery)
            return place_purchase(request=request, actor=one.actor, now=now)
        except CodeRefused:
            return None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        placed = [result for result in pool.map(submit, jobs) if result]
    assert len(placed) == Redemption.objects.count() == 2
