"""One order travels the whole loop through the services: found, paid, shipped, delivered, released."""

from datetime import timedelta

from core.money import sum_money
from core.outbox import services as outbox
from marketplace.contracts import OrderState
from marketplace.orders import services as orders
from marketplace.orders.selectors import orders_of_purchase
from payments import facade as payments
from payments.escrow.timers import run_due_timers
from tests import world


def test_an_order_of_two_sellers_goes_round(real_database, now):
    first, second = world.open_seller(now), world.open_seller(now, name="Alfar Norte", country="PT")
    buyer = world.person(now)
    cloth = world.published(first, now)
    cup = world.published(second, now, title="Stoneware cup, 250 ml", category_code="tableware",
                          attributes={"material": "stoneware"})  # fmt: skip
    world.fill_cart(buyer, {cloth.id: 2, cup.id: 1}, now)
    purchase = world.place(buyer, now)
    assert purchase.total == sum_money((o.total for o in orders_of_purchase(purchase.id)), "EUR")
    world.pay(buyer, purchase, now)
    bought = orders_of_purchase(purchase.id)
    assert {o.state for o in bought} == {OrderState.PAID}
    cloth.stock.refresh_from_db()
    assert (cloth.stock.on_hand, cloth.stock.reserved) == (8, 0)

    order = next(o for o in bought if o.seller_id == first.organisation_id)
    delivered = world.ship(first, order, now)
    assert order.state == OrderState.DELIVERED
    orders.confirm_receipt(order_id=order.id, actor=buyer.actor, now=delivered)
    outbox.drain(now=delivered)
    order.refresh_from_db()
    assert order.state == OrderState.COMPLETED
    escrow = payments.get_escrow(order.id)
    assert escrow.released == order.total
    balance = payments.seller_balance(first.organisation_id, "EUR")
    assert balance.available == order.total - escrow.fee

    other = next(o for o in bought if o.id != order.id)
    world.ship(second, other, now)
    later = now + timedelta(days=90)
    run_due_timers(now=later, limit=10)
    outbox.drain(now=later)
    other.refresh_from_db()
    assert other.state == OrderState.COMPLETED
