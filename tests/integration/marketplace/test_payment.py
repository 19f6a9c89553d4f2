"""Paid, paid late, paid twice, not paid, cancelled: stock, orders and money agree."""

from datetime import timedelta

import pytest

from core.actor import Actor
from core.errors import NotAllowed, TransitionRefused
from core.events.payments import ChargeCaptured
from marketplace import handlers
from marketplace.contracts import OrderNotFound, OrderState
from marketplace.orders import services as orders
from marketplace.orders.models import OrderTransition
from marketplace.orders.selectors import orders_of_purchase
from marketplace.tasks import expire_unpaid_purchases_task
from payments import facade as payments
from payments.contracts import ChargeState, EscrowState
from tests import world


def placed(now, **changes):
    seller = world.open_seller(now)
    buyer = world.person(now)
    listing = world.published(seller, now, stock=5, **changes)
    world.fill_cart(buyer, {listing.id: 2}, now)
    return seller, buyer, listing, world.place(buyer, now)


def stock_of(listing):
    listing.stock.refresh_from_db()
    return listing.stock.on_hand, listing.stock.reserved


def test_a_duplicate_payment_event_changes_nothing_twice(real_database, now):
    _seller, buyer, listing, purchase = placed(now)
    world.pay(buyer, purchase, now)
    assert stock_of(listing) == (3, 0)
    (order,) = orders_of_purchase(purchase.id)
    history = OrderTransition.objects.filter(order=order).count()
    event = ChargeCaptured(
        charge_id=purchase.charge_id, purchase_id=purchase.id, amount=purchase.total, captured_at=now
    )
    handlers.on_charge_captured(event, now=now)
    handlers.on_charge_captured(event, now=now + timedelta(days=1))
    assert stock_of(listing) == (3, 0)
    assert OrderTransition.objects.filter(order=order).count() == history


def test_an_unpaid_purchase_expires_and_gives_its_stock_back(real_database, now):
    _seller, _buyer, listing, purchase = placed(now)
    assert stock_of(listing) == (5, 2)
    later = now + timedelta(minutes=31)
    orders.expire_purchase(purchase_id=purchase.id, now=later)
    orders.expire_purchase(purchase_id=purchase.id, now=later)
    assert stock_of(listing) == (5, 0)
    assert {o.state for o in orders_of_purchase(purchase.id)} == {OrderState.CANCELLED}
    assert payments.get_charge(purchase.charge_id).state is ChargeState.CANCELLED


def test_money_that_comes_after_the_end_goes_back(real_database, now):
    from payments.charges.services import apply_result
    from payments.providers.port import Outcome, ProviderResult

    _seller, _buyer, listing, purchase = placed(now)
    orders.expire_purchase(purchase_id=purchase.id, now=now + timedelta(minutes=31))
    late = ProviderResult(Outcome.SUCCEEDED, "ref-late")
    charge = apply_result(
        charge_id=purchase.charge_id, result=late, actor=Actor.provider("sandbox"), now=now + timedelta(hours=1)
    )
    world.outbox.drain(now=now + timedelta(hours=1))
    assert charge.state is ChargeState.RETURNED
    assert {o.state for o in orders_of_purchase(purchase.id)} == {OrderState.CANCELLED}
    assert stock_of(listing) == (5, 0)


def test_a_paid_order_cancelled_before_shipping_restocks_and_refunds(real_database, now):
    seller, buyer, listing, purchase = placed(now)
    world.pay(buyer, purchase, now)
    (order,) = orders_of_purchase(purchase.id)
    orders.book_shipment(order_id=order.id, actor=seller.actor, now=now)  # the label is printed, the parcel still here
    orders.cancel_order(order_id=order.id, reason="changed my mind", actor=buyer.actor, now=now)
    orders.cancel_order(order_id=order.id, reason="changed my mind", actor=buyer.actor, now=now)
    world.outbox.drain(now=now)
    assert stock_of(listing) == (5, 0)
    escrow = payments.get_escrow(order.id)
    assert (escrow.state, escrow.refunded) == (EscrowState.REFUNDED, order.total)


def test_a_shipped_order_cannot_be_cancelled(real_database, now):
    seller, buyer, listing, purchase = placed(now)
    world.pay(buyer, purchase, now)
    (order,) = orders_of_purchase(purchase.id)
    world.ship(seller, order, now)
    with pytest.raises(TransitionRefused):
        orders.cancel_order(order_id=order.id, reason="", actor=buyer.actor, now=now)
    assert stock_of(listing) == (3, 0)


def test_nobody_else_cancels(real_database, now):
    seller, buyer, listing, purchase = placed(now)
    (order,) = orders_of_purchase(purchase.id)
    with pytest.raises(OrderNotFound):
        orders.cancel_order(order_id=order.id, reason="", actor=world.person(now).actor, now=now)
    with pytest.raises(NotAllowed):  # an unpaid purchase may hold goods of other sellers
        orders.cancel_order(order_id=order.id, reason="", actor=seller.actor, now=now)
    orders.cancel_order(order_id=order.id, reason="", actor=buyer.actor, now=now)
    assert stock_of(listing) == (5, 0)


def test_one_purchase_that_cannot_be_closed_does_not_hold_up_the_others(real_database, now, monkeypatch):
    _s, _b, first_listing, first = placed(now)
    _s, _b, second_listing, _second = placed(now)
    real = orders.expire_purchase

    def expire(*, purchase_id, now):
        if purchase_id == first.id:
            raise RuntimeError("unexpected")
        real(purchase_id=purchase_id, now=now)

    monkeypatch.setattr(orders, "expire_purchase", expire)
    monkeypatch.setattr("marketplace.tasks.utc_now", lambda: now + timedelta(hours=1))
    expire_unpaid_purchases_task()
    assert (stock_of(first_listing), stock_of(second_listing)) == ((5, 2), (5, 0))


def test_a_declined_card_may_be_followed_by_another(real_database, now):
    _seller, buyer, listing, purchase = placed(now)
    world.pay(buyer, purchase, now, token="tok_decline")
    assert {o.state for o in orders_of_purchase(purchase.id)} == {OrderState.AWAITING_PAYMENT}
    purchase.refresh_from_db()
    world.pay(buyer, purchase, now)
    assert {o.state for o in orders_of_purchase(purchase.id)} == {OrderState.PAID}
    assert stock_of(listing) == (3, 0)
