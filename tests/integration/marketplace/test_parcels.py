"""An order that goes out in parts: parcels, pieces that will not come, and where the money is meanwhile."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from core.actor import Actor
from core.errors import InvalidInput, TransitionRefused
from logistics import facade as logistics
from logistics.contracts import ShipmentState
from marketplace.catalog.models import Stock
from marketplace.contracts import OrderNotFound
from marketplace.orders import parcels
from marketplace.orders import services as orders
from marketplace.orders.models import OrderParcel
from marketplace.orders.rules import NothingUnsent
from marketplace.orders.selectors import line_balances
from marketplace.recoveries.services import refund_lost_order
from payments import facade as payments
from payments.contracts import EscrowState
from tests import world

pytestmark = pytest.mark.django_db
CARRIER = Actor.carrier("test")


@pytest.fixture
def order(now):
    """Three tablecloths and two napkins, paid."""
    seller, buyer = world.open_seller(now), world.person(now)
    cloth = world.published(seller, now)
    napkins = world.published(seller, now, title="Linen napkins")
    world.fill_cart(buyer, {cloth.id: 3, napkins.id: 2}, now)
    purchase = world.place(buyer, now)
    world.pay_purchase(
        purchase=purchase, method_token="tok_approve", return_url="http://t/", actor=buyer.actor, now=now
    )
    made = purchase.orders.get()
    made.buyer_person, made.seller_person = buyer, seller
    made.cloth, made.napkins = (made.lines.get(listing_id=one.id) for one in (cloth, napkins))
    return made


def pack(order, now, **quantities):
    pieces = {getattr(order, name).id: quantity for name, quantity in quantities.items()}
    return parcels.pack_parcel(order_id=order.id, pieces=pieces, actor=order.seller_person.actor, now=now)


def sent(parcel, now):
    parcels.follow_hand_over(subject_id=parcel.id, shipped_at=now, actor=CARRIER, now=now)


def arrived(parcel, now):
    parcels.follow_delivery(subject_id=parcel.id, delivered_at=now, kept_promise=True, actor=CARRIER, now=now)


def less(order, now, *, who="buyer_person", **quantities):
    pieces = {getattr(order, name).id: quantity for name, quantity in quantities.items()}
    parcels.cancel_pieces(
        order_id=order.id, pieces=pieces, reason="enough", actor=getattr(order, who).actor, now=now
    )  # fmt: skip


def state(order):
    order.refresh_from_db()
    return order.state


def refunded(order):
    return payments.get_escrow(order.id).refunded


def test_the_release_clock_runs_from_the_last_parcel_on(order, now):
    first = pack(order, now, cloth=2)
    assert state(order) == "PAID"
    sent(first, now)
    assert state(order) == "PARTLY_SHIPPED"
    assert order.shipped_at is None
    arrived(first, now)
    assert payments.get_escrow(order.id).state is EscrowState.SHIPPED, "the clock does not run yet"
    second = pack(order, now, cloth=1, napkins=2)
    sent(second, now)
    assert state(order) == "SHIPPED"
    later = now + timedelta(days=2)
    arrived(second, later)
    assert (state(order), order.delivered_at) == ("DELIVERED", later)
    escrow = payments.get_escrow(order.id)
    assert (escrow.state, escrow.release_at > later) == (EscrowState.DELIVERED, True)
    actions = list(order.transitions.values_list("action", flat=True))
    assert actions == ["PLACE", "PAY", "SHIP_PART", "SHIP", "DELIVER"]


def test_news_of_a_parcel_twice_or_late_change_nothing(order, now):
    parcel = pack(order, now, cloth=1)
    arrived(parcel, now)
    arrived(parcel, now + timedelta(days=1))
    sent(parcel, now)
    parcel.refresh_from_db()
    assert parcel.delivered_at == now
    assert order.transitions.filter(action="SHIP_PART").count() == 1


def test_no_more_is_packed_than_is_left(order, now):
    pack(order, now, cloth=2)
    for wanted in ({"cloth": 2}, {"cloth": 0}, {"napkins": 3}):
        with pytest.raises(InvalidInput):
            pack(order, now, **wanted)
    with pytest.raises(OrderNotFound):
        parcels.pack_parcel(order_id=order.id, pieces={order.cloth.id: 1}, actor=order.buyer_person.actor, now=now)
    assert OrderParcel.objects.count() == 1


def test_whole_and_in_parts_exclude_each_other(order, now):
    orders.book_shipment(order_id=order.id, actor=order.seller_person.actor, now=now)
    parcel = pack(order, now, cloth=1)
    assert logistics.find_shipment_for_order(order.id).status is ShipmentState.CANCELLED
    with pytest.raises(TransitionRefused):
        orders.book_shipment(order_id=order.id, actor=order.seller_person.actor, now=now)
    parcels.void_parcel(order_id=order.id, parcel_id=parcel.id, actor=order.seller_person.actor, now=now)
    parcels.void_parcel(order_id=order.id, parcel_id=parcel.id, actor=order.seller_person.actor, now=now)
    orders.book_shipment(order_id=order.id, actor=order.seller_person.actor, now=now)
    assert logistics.find_shipment_for_order(order.id).status is not ShipmentState.CANCELLED


def test_the_rest_is_taken_out_and_what_was_sent_goes_on(order, now):
    parcel = pack(order, now, cloth=2)
    arrived(parcel, now)
    stock = Stock.objects.get(listing_id=order.cloth.listing_id)
    less(order, now, who="seller_person", cloth=1, napkins=2)
    assert state(order) == "DELIVERED"
    assert refunded(order) == order.cloth.worth_of(3) - order.cloth.worth_of(2) + order.napkins.total
    assert Stock.objects.get(listing_id=stock.listing_id).available == stock.available + 1
    with pytest.raises(NothingUnsent):
        less(order, now, cloth=1)


def test_pieces_taken_out_before_anything_is_sent(order, now):
    less(order, now, cloth=1)
    assert (state(order), refunded(order).minor) == ("PAID", 4800)
    orders.book_shipment(order_id=order.id, actor=order.seller_person.actor, now=now)
    less(order, now, cloth=1)
    assert logistics.find_shipment_for_order(order.id).status is ShipmentState.CANCELLED, "its contents changed"
    less(order, now, cloth=1, napkins=2)
    assert state(order) == "CANCELLED"
    assert payments.get_escrow(order.id).state is EscrowState.REFUNDED
    assert refunded(order) == order.total, "with the last piece the delivery goes back too"


def test_a_whole_order_cancelled_after_a_piece_restocks_what_was_left(order, now):
    before = Stock.objects.get(listing_id=order.cloth.listing_id).available
    less(order, now, cloth=1)
    pack(order, now, cloth=1)
    orders.cancel_order(order_id=order.id, reason="", actor=order.buyer_person.actor, now=now)
    assert Stock.objects.get(listing_id=order.cloth.listing_id).available == before + 3


def test_a_lost_parcel_is_paid_back_and_the_others_count(order, now):
    first, second = pack(order, now, cloth=3), pack(order, now, napkins=2)
    sent(first, now)
    arrived(second, now)
    assert state(order) == "SHIPPED"
    for _ in range(2):
        refund_lost_order(subject_id=first.id, actor=CARRIER, now=now)
    assert (state(order), refunded(order)) == ("DELIVERED", order.cloth.total)


def test_everything_lost_is_everything_back(order, now):
    only = pack(order, now, cloth=3, napkins=2)
    sent(only, now)
    refund_lost_order(subject_id=only.id, actor=CARRIER, now=now)
    assert refunded(order) == order.total


def test_a_rest_nobody_sends_goes_back_by_itself(order, now):
    sent(pack(order, now, cloth=1), now)
    pack(order, now, cloth=1)
    late = order.ship_by + timedelta(days=6)
    assert parcels.cancel_overdue_rests(now=order.ship_by) == 0
    assert parcels.cancel_overdue_rests(now=late) == 1
    assert state(order) == "SHIPPED"
    assert {one.kept for one in line_balances(order.id).values()} == {1, 0}
    assert parcels.cancel_overdue_rests(now=late) == 0


def test_a_line_with_unsent_pieces_is_not_released(order, now):
    sent(pack(order, now, cloth=1, napkins=2), now)
    with pytest.raises(TransitionRefused):
        orders.release_lines(
            order_id=order.id, lines=[str(order.cloth.id)], actor=order.buyer_person.actor, now=now
        )  # fmt: skip
    escrow = orders.release_lines(
        order_id=order.id, lines=[str(order.napkins.id)], actor=order.buyer_person.actor, now=now
    )
    assert escrow.released == order.napkins.total


def test_a_dispute_in_between_goes_on_where_the_order_was(order, now):
    sent(pack(order, now, cloth=1), now)
    orders.mark_disputed(order_id=order.id, actor=order.buyer_person.actor, now=now)
    orders.resume_after_dispute(order_id=order.id, actor=order.buyer_person.actor, now=now)
    assert state(order) == "PARTLY_SHIPPED"


# ------------------------------------------------------------------------------------------------ doors


def client_of(person):
    client = Client()
    client.force_login(person.user)
    return client


def test_pages(order, now):
    seller, buyer = client_of(order.seller_person), client_of(order.buyer_person)
    page = f"/orders/{order.id}/parcels/new/"
    assert client_of(world.person(now)).get(page).status_code == 404
    assert buyer.get(page).status_code == 404
    assert seller.post(page, {f"quantity_{order.cloth.id}": "9", "key": "k"}).status_code == 422
    assert seller.post(page, {f"quantity_{order.cloth.id}": "1", "key": "k"}).status_code == 302
    parcel = order.parcels.get()
    text = seller.get(f"/orders/{order.id}/").content.decode()
    assert "Parcel 1" in text
    assert "2 × Stonewashed" in text
    assert buyer.post(f"/orders/{order.id}/parcels/{parcel.id}/removal/").status_code == 404
    assert seller.post(f"/orders/{order.id}/parcels/{parcel.id}/hand-over/").status_code == 302
    assert logistics.find_shipment_for_order(parcel.id).handover_declared_at is not None
    less_page = f"/orders/{order.id}/reduction/"
    assert client_of(world.open_seller(now)).get(less_page).status_code == 404
    assert buyer.post(less_page, {f"quantity_{order.cloth.id}": "1", "reason": "enough"}).status_code == 302
    assert "taken out" in buyer.get(f"/orders/{order.id}/").content.decode()


def test_api(order, now):
    seller, buyer = client_of(order.seller_person), client_of(order.buyer_person)
    url, key = f"/api/v1/orders/{order.id}/parcels/", {"Idempotency-Key": "a-key-of-mine"}
    body = {"lines": [{"line_id": str(order.cloth.id), "quantity": 2}]}
    assert client_of(world.person(now)).post(url, body, content_type="application/json", headers=key).status_code == 404
    assert buyer.post(url, body, content_type="application/json", headers=key).status_code == 404
    assert seller.post(url, body, content_type="application/json").status_code == 422, "a key is needed"
    made = seller.post(url, body, content_type="application/json", headers=key)
    assert made.status_code == 201
    assert made.json()[0]["lines"] == [{"line_id": str(order.cloth.id), "quantity": 2}]
    assert seller.post(url, body, content_type="application/json", headers=key).json() == made.json(), "packed once"
    other = {"Idempotency-Key": "another-key-of-mine"}
    assert seller.post(url, body, content_type="application/json", headers=other).status_code == 422, "one is left"
    one = f"{url}{made.json()[0]['id']}/"
    assert buyer.delete(one).status_code == 404
    assert seller.delete(one).status_code == 204
    assert buyer.get(url).json() == []
    less_url = f"/api/v1/orders/{order.id}/reductions/"
    answer = buyer.post(less_url, body, content_type="application/json", headers={"Idempotency-Key": "another-key"})
    assert answer.status_code == 200
    assert next(line for line in answer.json()["lines"] if line["id"] == str(order.cloth.id))["cancelled"] == 2
