"""Codes of sellers: exact to the cent, counted once per purchase, given back by a cancellation, never used too often."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput, NotFound
from core.money import Money, sum_money
from marketplace.carts.selectors import CartOwner, view_cart
from marketplace.carts.services import set_code
from marketplace.checkout.services import place_purchase
from marketplace.contracts import CodeRefused, PlaceRequest, PromotionInput
from marketplace.orders import services as orders
from marketplace.orders.models import Order, OrderLine
from marketplace.promotions import services as promotions
from marketplace.promotions.models import Promotion, Redemption
from marketplace.promotions.rules import spread, taken_off
from payments import facade as payments
from tests import world

pytestmark = pytest.mark.django_db


def eur(minor):
    return Money(minor, "EUR")


def code(seller, now, name="TEN", **values):
    values = {"kind": "PERCENT", "percent": 10} | values
    return promotions.create_promotion(promotion=PromotionInput(code=name, **values), actor=seller.actor, now=now)


def owner(buyer):
    return CartOwner(organisation_id=buyer.organisation_id)


def use(buyer, now, name="ten"):
    set_code(owner=owner(buyer), code=name, now=now)


@pytest.fixture
def seller(now):
    return world.open_seller(now)


@pytest.fixture
def listing(seller, now):
    return world.published(seller, now, stock=50)


@pytest.fixture
def buyer(now):
    return world.person(now)


@given(st.lists(st.integers(1, 100_000), min_size=1, max_size=12), st.integers(1, 90), st.integers(1, 200_000))
def test_what_is_taken_off_is_spread_to_the_cent(lines, percent, fixed):
    totals = [eur(minor) for minor in lines]
    goods = sum_money(totals, "EUR")
    for kind, amount in (("PERCENT", None), ("FIXED", eur(fixed)), ("FREE_SHIPPING", None)):
        off = taken_off(kind=kind, percent=percent, amount=amount, goods=goods)
        assert eur(0) <= off <= goods.portion(9_000)
        if off:
            parts = spread(off, totals)
            assert sum_money(parts, "EUR") == off
            assert all(eur(0) <= part <= total for part, total in zip(parts, totals, strict=True))


def test_a_percentage_reaches_lines_order_charge_and_escrow(seller, listing, buyer, now):
    napkins = world.published(seller, now, title="Linen napkins, set of four", price=eur(3333))
    other = world.published(world.open_seller(now, name="Alfar"), now, title="A cup of another shop", price=eur(1000))
    code(seller, now)
    world.fill_cart(buyer, {listing.id: 1, napkins.id: 1, other.id: 1}, now)
    use(buyer, now, " ten ")
    purchase = world.place(buyer, now)
    order, others = (Order.objects.get(seller_id=s) for s in (seller.organisation_id, other.seller_id))
    assert (order.goods, order.code, others.goods, others.code) == (eur(8133 - 813), "TEN", eur(1000), "")
    lines = OrderLine.objects.filter(order=order)
    assert sum_money((line.discount for line in lines), "EUR") == eur(813)
    assert sum_money((line.total for line in lines), "EUR") == order.goods
    assert purchase.total == order.total + others.total
    assert payments.get_charge(purchase.charge_id).amount == purchase.total
    assert Redemption.objects.get().purchase_id == purchase.id
    assert view_cart(owner(buyer), now=now).code == ""


def test_free_delivery_and_an_amount_off(seller, listing, buyer, now):
    code(seller, now, "SHIP", kind="FREE_SHIPPING")
    code(seller, now, "HUGE", kind="FIXED", amount=eur(100_000))
    world.fill_cart(buyer, {listing.id: 1}, now)
    use(buyer, now, "SHIP")
    purchase = world.place(buyer, now)
    assert (purchase.total, purchase.orders.get().shipping) == (eur(4800), eur(0))
    world.fill_cart(buyer, {listing.id: 1}, now)
    use(buyer, now, "HUGE")
    assert world.place(buyer, now).orders.get().goods == eur(480)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"min_basket": eur(4801)}, "4"), ({"starts_at": timedelta(days=1)}, "yet"), ({"ends_at": timedelta(hours=1)}, "longer"),
        ({"limit_total": 1}, "used up"), ({"limit_per_buyer": 1}, "as often"),
    ],
)  # fmt: skip
def test_a_code_that_does_nothing_is_refused_with_the_reason(seller, listing, buyer, now, values, says):
    early = now - timedelta(days=1)
    values = {name: early + value if name == "ends_at" else now + value if name == "starts_at" else value
              for name, value in values.items()}  # fmt: skip
    code(seller, early, **values)
    if "limit" in next(iter(values)):
        world.fill_cart(buyer, {listing.id: 1}, now)
        use(buyer, now)
        world.place(buyer, now)
    world.fill_cart(buyer, {listing.id: 1}, now)
    with pytest.raises(CodeRefused) as refused:
        use(buyer, now)
    assert refused.value.field == "code"
    assert says in refused.value.message
    with pytest.raises(CodeRefused):
        use(buyer, now, "UNKNOWN")
    assert view_cart(owner(buyer), now=now).code == ""


def test_a_code_that_ended_meanwhile_stops_the_checkout(seller, listing, buyer, now):
    made = code(seller, now)
    world.fill_cart(buyer, {listing.id: 1}, now)
    use(buyer, now)
    promotions.stop_promotion(promotion_id=made.id, actor=seller.actor, now=now)
    with pytest.raises(CodeRefused):
        world.place(buyer, now)
    assert not Order.objects.exists()
    use(buyer, now, "")
    assert world.place(buyer, now).total > eur(4800)


def test_the_same_submit_counts_once_and_a_cancellation_gives_the_use_back(seller, listing, buyer, now):
    made = code(seller, now, limit_total=1)
    world.fill_cart(buyer, {listing.id: 1}, now)
    use(buyer, now)
    key, delivery = str(uuid4()), world.cheapest_delivery(buyer, now)
    request = PlaceRequest(key=key, address=world.VALENCIA, delivery=delivery)
    first = place_purchase(request=request, actor=buyer.actor, now=now)
    assert place_purchase(request=request, actor=buyer.actor, now=now).id == first.id
    assert Redemption.objects.filter(promotion=made, given_back_at=None).count() == 1
    orders.expire_purchase(purchase_id=first.id, now=now + timedelta(hours=1))
    orders.expire_purchase(purchase_id=first.id, now=now + timedelta(hours=2))
    assert Redemption.objects.get().given_back_at == now + timedelta(hours=1)
    world.fill_cart(buyer, {listing.id: 1}, now)
    use(buyer, now)
    assert world.place(buyer, now).orders.get().code == "TEN"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": "A"}, "code"), ({"name": "TEN OFF"}, "code"), ({"kind": "GIFT"}, "kind"), ({"percent": 0}, "percent"),
        ({"percent": 91}, "percent"), ({"kind": "FIXED"}, "amount"), ({"kind": "FIXED", "amount": Money(1, "USD")}, "amount"),
        ({"min_basket": eur(-1)}, "min_basket"), ({"limit_total": 0}, "limit_total"), ({"name": "TAKEN"}, "code"),
    ],
)  # fmt: skip
def test_codes_that_cannot_be(seller, now, values, field):
    code(seller, now, "TAKEN")
    with pytest.raises(InvalidInput) as refused:
        code(seller, now, **values)
    assert refused.value.field == field
    with pytest.raises(InvalidInput):
        code(seller, now, ends_at=now)


def test_another_sellers_code_is_not_there(seller, now):
    made, other = code(seller, now), world.open_seller(now)
    with pytest.raises(NotFound):
        promotions.stop_promotion(promotion_id=made.id, actor=other.actor, now=now)
    client = Client()
    client.force_login(other.user)
    assert client.get(f"/api/v1/promotions/{made.id}/").status_code == 404
    assert "TEN" not in client.get("/sell/codes/").content.decode()
    code(other, now)  # the same word in another shop


def test_pages_and_api(seller, listing, buyer, now):
    selling, buying = Client(), Client()
    selling.force_login(seller.user)
    buying.force_login(buyer.user)
    assert selling.post("/sell/codes/", {"code": "a", "kind": "PERCENT"}).status_code == 200
    form = {"code": "spring", "kind": "PERCENT", "percent": "20", "limit_per_buyer": "1"}
    assert selling.post("/sell/codes/", form).status_code == 302
    body = {"code": "SHIP", "promotion_kind": "FREE_SHIPPING"}
    made = selling.post("/api/v1/promotions/", json.dumps(body), content_type="application/json")
    assert made.status_code == 201
    world.fill_cart(buyer, {listing.id: 2}, now)
    assert "−" in buying.post("/cart/code/", {"code": "Spring"}, follow=True).content.decode()
    answer = buying.get("/api/v1/cart/").json()
    assert (answer["goods"]["minor"], answer["groups"][0]["discount"]["amount"]["minor"]) == (7680, 1920)
    wrong = buying.put("/api/v1/cart/code/", json.dumps({"code": "NOPE"}), content_type="application/json")
    assert wrong.status_code == 422
    assert wrong.json()["code"] == "code_refused"
    right = buying.put("/api/v1/cart/code/", json.dumps({"code": "SHIP"}), content_type="application/json")
    assert right.json()["groups"][0]["discount"]["is_free_shipping"] is True
    assert selling.delete(f"/api/v1/promotions/{made.json()['id']}/").status_code == 204
    assert Promotion.objects.get(code="SHIP").stopped_at is not None
    assert "no longer" in buying.get("/cart/").content.decode() or "No seller" in buying.get("/cart/").content.decode()
    assert selling.get("/sell/codes/").status_code == 200


def test_the_cart_costs_no_query_more_without_a_code_and_two_with_one(seller, listing, buyer, now):
    code(seller, now)
    world.fill_cart(buyer, {listing.id: 1}, now)
    with CaptureQueriesContext(connection) as plain:
        view_cart(owner(buyer), now=now)
    use(buyer, now)
    with CaptureQueriesContext(connection) as coded:
        view_cart(owner(buyer), now=now)
    assert (len(plain), len(coded)) == (2, 4)


def test_a_guests_code_comes_along_after_log_in(seller, listing, buyer, now):
    code(seller, now)
    client = Client()
    client.post("/cart/lines/", {"listing": listing.id, "quantity": 1})
    client.post("/cart/code/", {"code": "TEN"})
    client.force_login(buyer.user)
    assert "TEN" in client.get("/cart/").content.decode()
