"""The withdrawal button: a statement, its confirmation, a receipt at once, and what comes of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client

from core.actor import Actor
from core.errors import InvalidInput
from marketplace.contracts import OrderNotFound
from marketplace.orders import parcels
from marketplace.orders import services as orders
from marketplace.returns.models import ReturnPolicy
from marketplace.returns.states import ReturnState
from marketplace.withdrawals import services
from marketplace.withdrawals.letters import send_withdrawal
from marketplace.withdrawals.models import Withdrawal
from marketplace.withdrawals.services import NotWithdrawable, Statement
from payments import facade as payments
from tests import world

pytestmark = pytest.mark.django_db
CARRIER = Actor.carrier("test")


@pytest.fixture
def order(now):
    """Three tablecloths, paid."""
    seller, buyer = world.open_seller(now), world.person(now)
    world.fill_cart(buyer, {world.published(seller, now).id: 3}, now)
    purchase = world.place(buyer, now)
    world.pay_purchase(
        purchase=purchase, method_token="tok_approve", return_url="http://t/", actor=buyer.actor, now=now
    )
    made = purchase.orders.get()
    made.buyer_person, made.seller_person, made.line = buyer, seller, made.lines.get()
    return made


def said(order, now, *, pieces=3, key="key-1", **changes):
    facts = {"pieces": {order.line.id: pieces}, "name": "Ana Prueba", "email": "ana@example.org", **changes}
    return services.withdraw(
        order_id=order.id, statement=Statement(**facts), key=key, actor=order.buyer_person.actor, now=now
    )


def delivered(order, now):
    orders.mark_delivered(order_id=order.id, delivered_at=now, kept_promise=True, actor=CARRIER, now=now)
    order.refresh_from_db()


def test_before_shipping_it_cancels_and_everything_goes_back(order, now):
    made = said(order, now)
    order.refresh_from_db()
    assert (order.state, payments.get_escrow(order.id).refunded) == ("CANCELLED", order.total)
    assert (made.stated_at, made.opened, made.lines.get().cancelled) == (now, None, 3)
    assert Withdrawal.objects.get().settled_at == now


def test_by_line_and_piece(order, now):
    said(order, now, pieces=1)
    order.refresh_from_db()
    assert (order.state, payments.get_escrow(order.id).refunded.minor) == ("PAID", 4800)
    with pytest.raises(InvalidInput):
        said(order, now, pieces=3, key="key-2")


def test_after_delivery_it_opens_the_return(order, now):
    delivered(order, now)
    made = said(order, now + timedelta(days=13), pieces=2)
    assert (made.opened.state, made.opened.lines.get().reason) == (ReturnState.APPROVED, "CHANGED_MIND")
    assert payments.get_escrow(order.id).paused


def test_what_is_on_its_way_becomes_a_return_when_it_arrives(order, now):
    orders.mark_shipped(order_id=order.id, shipped_at=now, actor=CARRIER, now=now)
    made = said(order, now)
    assert services.follow_withdrawals(now=now) == 0
    delivered(order, now + timedelta(days=3))
    assert services.follow_withdrawals(now=now + timedelta(days=3)) == 1
    made.refresh_from_db()
    assert (made.opened.requested_at, made.opened.state) == (now, ReturnState.APPROVED)
    assert services.follow_withdrawals(now=now + timedelta(days=3)) == 0


def test_a_part_sent_and_a_part_not(order, now):
    parcel = parcels.pack_parcel(order_id=order.id, pieces={order.line.id: 1}, actor=order.seller_person.actor, now=now)
    parcels.follow_hand_over(subject_id=parcel.id, shipped_at=now, actor=CARRIER, now=now)
    made = said(order, now)
    assert (made.lines.get().cancelled, made.settled_at) == (2, None)
    parcels.follow_delivery(subject_id=parcel.id, delivered_at=now, kept_promise=True, actor=CARRIER, now=now)
    services.follow_withdrawals(now=now)
    made.refresh_from_db()
    assert made.opened.lines.get().quantity == 1


def test_an_order_that_ended_otherwise_leaves_nothing_to_do(order, now):
    orders.mark_shipped(order_id=order.id, shipped_at=now, actor=CARRIER, now=now)
    made = said(order, now)
    orders.close_refunded(order_id=order.id, reason="lost", actor=CARRIER, now=now)
    assert services.follow_withdrawals(now=now) == 1
    made.refresh_from_db()
    assert (made.opened, made.settled_at) == (None, now)


def test_twice_is_once(order, now):
    first = said(order, now, pieces=1)
    assert said(order, now, pieces=1).id == first.id
    assert payments.get_escrow(order.id).refunded.minor == 4800


def test_the_time_is_over_after_fourteen_days(order, now):
    delivered(order, now)
    with pytest.raises(NotWithdrawable):
        said(order, now + timedelta(days=14, seconds=1))
    with pytest.raises(OrderNotFound):
        services.withdraw(
            order_id=order.id, statement=Statement({order.line.id: 1}, "X", "x@example.org"), key="k",
            actor=order.seller_person.actor, now=now,
        )  # fmt: skip


def test_a_final_sale_is_told_with_its_ground(order, now):
    ReturnPolicy.objects.create(seller_id=order.seller_id, category_code="", final_sale="MADE_TO_ORDER")
    with pytest.raises(NotWithdrawable):
        said(order, now)
    client = Client()
    client.force_login(order.buyer_person.user)
    assert "Made to order" in client.get(f"/orders/{order.id}/withdrawal/").content.decode()


@pytest.mark.parametrize(
    ("changes", "field"), [({"name": " "}, "name"), ({"email": "ana"}, "email"), ({"pieces": 0}, "lines")]
)
def test_what_is_missing_is_named(order, now, changes, field):
    with pytest.raises(InvalidInput) as refused:
        said(order, now, **changes)
    assert refused.value.field == field


def test_the_receipt_bears_day_and_time(order, now):
    made = said(order, now, pieces=1)
    mail.outbox.clear()
    send_withdrawal(withdrawal_id=made.id)
    receipt = next(one for one in mail.outbox if one.to == ["ana@example.org"])
    assert made.number in receipt.body
    assert str(made.stated_at.year) in receipt.body
    assert any(one.to == [order.seller_person.user.email] for one in mail.outbox)


def test_the_two_steps_on_pages(order):
    client = Client()
    client.force_login(order.buyer_person.user)
    page = f"/orders/{order.id}/withdrawal/"
    assert "Withdraw from contract here" in client.get(f"/orders/{order.id}/").content.decode()
    typed = {f"quantity_{order.line.id}": "1", "name": "Ana", "email": "ana@example.org", "key": "the-key"}
    assert client.post(page, typed | {"email": "no"}).status_code == 422
    second = client.post(page, typed)
    assert "Confirm withdrawal" in second.content.decode()
    assert not Withdrawal.objects.exists()
    assert 'value="Ana"' in client.post(page, typed | {"change": "1"}).content.decode()
    done = client.post(page, typed | {"confirmed": "1"})
    assert client.post(page, typed | {"confirmed": "1"}).url == done.url
    assert "ana@example.org" in client.get(done.url).content.decode()


def test_strangers(order, now):
    made = said(order, now, pieces=1)
    for person in (world.person(now), world.open_seller(now)):
        client = Client()
        client.force_login(person.user)
        assert client.get(f"/orders/{order.id}/withdrawal/").status_code == 404
        assert client.get(f"/withdrawals/{made.id}/").status_code == 404
        assert client.get(f"/api/v1/orders/{order.id}/withdrawals/").status_code == 404
    seller = Client()
    seller.force_login(order.seller_person.user)
    assert seller.get(f"/orders/{order.id}/withdrawal/").status_code == 404
    assert seller.get(f"/withdrawals/{made.id}/").status_code == 200


def test_api(order):
    client = Client()
    client.force_login(order.buyer_person.user)
    url = f"/api/v1/orders/{order.id}/withdrawals/"
    body = {"name": "Ana", "email": "ana@example.org", "lines": [{"line_id": str(order.line.id), "quantity": 1}]}
    kinds = {"content_type": "application/json", "headers": {"Idempotency-Key": "key-of-mine"}}
    made = client.post(url, body, **kinds)
    assert made.status_code == 201
    assert client.post(url, body, **kinds).json() == made.json()
    assert [one["number"] for one in client.get(url).json()] == [made.json()["number"]]
