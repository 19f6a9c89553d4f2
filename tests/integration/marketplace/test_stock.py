"""Stock at several places: the sum is the listing's stock, nothing goes below zero, orders know where they leave from."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection, connections
from django.db.models import Sum
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import DomainError, InvalidInput, NotFound
from logistics.shipments.models import ShipmentAddress
from marketplace.catalog import services as catalog
from marketplace.catalog.models import Stock
from marketplace.checkout.services import place_purchase
from marketplace.contracts import ListingNotFound, NotEnoughStock, PlaceRequest
from marketplace.orders import services as orders
from marketplace.orders.models import Purchase
from marketplace.stock import services as stock
from marketplace.stock.allocation import choose_places, put_back
from marketplace.stock.models import LocationStock, StockMovement
from marketplace.stock.selectors import sender_of, sent_from
from tests import world

DEPOT = world.Place(name="Telares Ruiz", street="Camino del Puerto 9", city="Sagunto", postcode="46500", country="ES")


def place(seller, now, label="Depot", **values):
    values = {"address": DEPOT, "handling_days": 1} | values
    return stock.add_location(label=label, actor=seller.actor, now=now, **values)


def figures(listing):
    row = Stock.objects.get(listing=listing)
    return row.on_hand, row.reserved, row.elsewhere


def move(listing, seller, now, quantity, *, source=None, to=None):
    return stock.transfer_stock(
        listing_id=listing.id, from_id=source and source.id, to_id=to and to.id, quantity=quantity, reason="",
        actor=seller.actor, now=now,
    )  # fmt: skip


def adjust(listing, seller, now, delta, *, at=None, reason="found"):
    return stock.adjust_stock(
        listing_id=listing.id, location_id=at and at.id, delta=delta, reason=reason, actor=seller.actor, now=now
    )


@pytest.fixture
def seller(now):
    return world.open_seller(now)


@pytest.fixture
def listing(seller, now):
    return world.published(seller, now, stock=10)


@pytest.mark.django_db
class TestPlaces:
    def test_a_transfer_keeps_the_total_and_writes_both_ends(self, seller, listing, now):
        depot = place(seller, now)
        out, came = move(listing, seller, now, 4, to=depot)
        assert figures(listing) == (10, 0, 4)
        assert [(m.delta, m.left, m.location_id) for m in (out, came)] == [(-4, 6, None), (4, 4, depot.id)]
        move(listing, seller, now, 1, source=depot)
        assert figures(listing) == (10, 0, 3)

    def test_an_adjustment_says_why_and_changes_what_can_be_sold(self, seller, listing, now):
        depot = place(seller, now)
        adjust(listing, seller, now, 5, at=depot, reason="a delivery")
        adjust(listing, seller, now, -2, reason="broken")
        assert figures(listing) == (13, 0, 5)
        assert list(StockMovement.objects.order_by("id").values_list("delta", "reason")) == [
            (5, "a delivery"), (-2, "broken"),
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("act", "error"),
        [
            (lambda s, x, d, n: adjust(x, s, n, 0), InvalidInput),
            (lambda s, x, d, n: adjust(x, s, n, 1, reason=" "), InvalidInput),
            (lambda s, x, d, n: adjust(x, s, n, 1_000_000), InvalidInput),
            (lambda s, x, d, n: adjust(x, s, n, -11), NotEnoughStock),
            (lambda s, x, d, n: adjust(x, s, n, -1, at=d), NotEnoughStock),
            (lambda s, x, d, n: move(x, s, n, 11, to=d), NotEnoughStock),
            (lambda s, x, d, n: move(x, s, n, 0, to=d), InvalidInput),
            (lambda s, x, d, n: move(x, s, n, 1), InvalidInput),
            (lambda s, x, d, n: place(s, n, "depot"), InvalidInput),
            (lambda s, x, d, n: place(s, n, ""), InvalidInput),
            (lambda s, x, d, n: place(s, n, "B", handling_days=61), InvalidInput),
            (lambda s, x, d, n: place(s, n, "B", address=world.Place("A", "Rua 1", "Porto", "4000-001", "PT")), InvalidInput),
        ],
    )  # fmt: skip
    def test_what_cannot_be_is_refused_and_changes_nothing(self, seller, listing, now, act, error):
        depot = place(seller, now)
        with pytest.raises(error):
            act(seller, listing, depot, now)
        assert figures(listing) == (10, 0, 0)
        assert not StockMovement.objects.exists()

    def test_what_is_promised_or_elsewhere_stays(self, seller, listing, now):
        depot = place(seller, now)
        move(listing, seller, now, 4, to=depot)
        catalog.reserve_stock(quantities={listing.id: 9})
        for act in (lambda: adjust(listing, seller, now, -2), lambda: adjust(listing, seller, now, -2, at=depot)):
            with pytest.raises(NotEnoughStock):
                act()
        catalog.give_back_reservation(quantities={listing.id: 9})
        with pytest.raises(NotEnoughStock):
            catalog.set_stock(listing_id=listing.id, stock=3, actor=seller.actor)
        catalog.set_stock(listing_id=listing.id, stock=4, actor=seller.actor)
        assert figures(listing) == (4, 0, 4)

    def test_strangers_find_no_place_and_no_listing(self, seller, listing, now):
        depot, other = place(seller, now), world.open_seller(now, name="Alfar")
        theirs = place(other, now)
        for act, error in (
            (lambda: adjust(listing, other, now, 1), ListingNotFound),
            (lambda: adjust(listing, seller, now, 1, at=theirs), NotFound),
            (lambda: move(listing, seller, now, 1, to=theirs), NotFound),
            (lambda: stock.close_location(location_id=depot.id, actor=other.actor, now=now), NotFound),
            (
                lambda: stock.count_stock(
                    counted={listing.id: {theirs.id: 1}}, reason="x", actor=seller.actor, now=now
                ),
                NotFound,
            ),
        ):
            with pytest.raises(error):
                act()
        assert figures(listing) == (10, 0, 0)

    def test_a_place_is_given_up_when_it_is_empty(self, seller, listing, now):
        depot = place(seller, now)
        move(listing, seller, now, 4, to=depot)
        with pytest.raises(InvalidInput):
            stock.close_location(location_id=depot.id, actor=seller.actor, now=now)
        move(listing, seller, now, 4, source=depot)
        stock.close_location(location_id=depot.id, actor=seller.actor, now=now)
        with pytest.raises(NotFound):
            move(listing, seller, now, 1, to=depot)
        place(seller, now)  # the name is free again

    def test_a_place_is_renamed_but_not_to_a_name_that_is_taken(self, seller, now):
        depot = place(seller, now)
        place(seller, now, "Market stall")
        changed = stock.change_location(
            location_id=depot.id, label="Port", address=DEPOT, handling_days=2, actor=seller.actor
        )
        assert (changed.label, changed.handling_days) == ("Port", 2)
        with pytest.raises(InvalidInput):
            stock.change_location(
                location_id=depot.id, label="MARKET stall", address=DEPOT, handling_days=2, actor=seller.actor
            )


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2), st.integers(0, 2), st.integers(1, 9)), max_size=14))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.django_db
def test_any_story_leaves_the_sums_right(now, story):
    seller = world.open_seller(now)
    listing = world.published(seller, now, stock=10)
    spots = [None, place(seller, now, "North"), place(seller, now, "South", handling_days=0)]
    reserved, sold = 0, {}
    for verb, source, to, quantity in story:
        try:
            if verb == 0:
                move(listing, seller, now, quantity, source=spots[source], to=spots[to])
            elif verb == 1:
                adjust(listing, seller, now, quantity - 5 or 1, at=spots[source])
            elif verb == 2:
                catalog.reserve_stock(quantities={listing.id: quantity})
                reserved += quantity
            elif verb == 3 and reserved:
                order_id, pieces = uuid4(), {listing.id: reserved}
                spread = catalog.sell_reserved(quantities=pieces)
                if spread:
                    choose_places(orders={order_id: pieces}, spread=spread, actor=seller.actor, now=now)
                sold[order_id], reserved = reserved, 0
            elif verb == 4 and sold:
                order_id, pieces = sold.popitem()
                put_back(order_id=order_id, quantities={listing.id: pieces}, actor=seller.actor, now=now)
            elif verb == 5:
                stock.count_stock(
                    counted={listing.id: {spots[to] and spots[to].id: quantity}},
                    reason="counted",
                    actor=seller.actor,
                    now=now,
                )
        except DomainError:
            pass
        on_hand, promised, elsewhere = figures(listing)
        places = dict(LocationStock.objects.filter(listing=listing).values_list("location_id", "on_hand"))
        assert elsewhere == sum(places.values())
        assert 0 <= elsewhere <= on_hand
        assert promised == reserved <= on_hand
        moved = StockMovement.objects.filter(listing=listing, location__isnull=False).order_by()
        written = dict(moved.values_list("location_id").annotate(Sum("delta")))
        assert written == {key: number for key, number in places.items() if key in written}
        assert {key for key, number in places.items() if number} <= set(written)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def test_an_order_leaves_the_place_that_has_it_and_a_cancellation_brings_it_back(real_database, now):
    seller, buyer = world.open_seller(now), world.person(now)
    listing, plain = world.published(seller, now, stock=3), world.published(seller, now, title="Napkins", stock=5)
    depot = place(seller, now)
    move(listing, seller, now, 2, to=depot)
    order = world.buy(buyer, listing, now, quantity=2)
    assert figures(listing) == (1, 0, 0)
    assert [(one.label, one.quantity) for one in sent_from([order.id])[order.id]] == [("Depot", 2)]
    shop = order.seller.address
    assert sender_of(order_id=order.id, listing_ids=[listing.id], shop=shop).city == "Sagunto"
    assert sender_of(order_id=order.id, listing_ids=[listing.id, plain.id], shop=shop) == shop
    orders.cancel_order(order_id=order.id, reason="changed my mind", actor=buyer.actor, now=now)
    assert figures(listing) == (3, 0, 2)
    assert sent_from([order.id]) == {}
    simple = world.buy(buyer, plain, now)
    assert sent_from([simple.id]) == {}


def test_pieces_of_a_place_that_was_given_up_come_to_the_shop(real_database, now):
    seller, buyer = world.open_seller(now), world.person(now)
    listing, depot = world.published(seller, now, stock=2), place(seller, now)
    move(listing, seller, now, 2, to=depot)
    order = world.buy(buyer, listing, now, quantity=2)
    stock.close_location(location_id=depot.id, actor=seller.actor, now=now)
    orders.cancel_order(order_id=order.id, reason="changed my mind", actor=buyer.actor, now=now)
    assert figures(listing) == (2, 0, 0)


def test_the_label_bears_the_place_the_goods_leave(real_database, now):
    seller, buyer = world.open_seller(now), world.person(now)
    listing, depot = world.published(seller, now, stock=2), place(seller, now)
    move(listing, seller, now, 2, to=depot)
    order = world.buy(buyer, listing, now)
    orders.book_shipment(order_id=order.id, actor=seller.actor, now=now)
    assert "Sagunto" in set(ShipmentAddress.objects.values_list("city", flat=True))


def test_the_work_list_and_the_slip_say_from_where(real_database, now):
    seller, buyer = world.open_seller(now), world.person(now)
    listing, depot = world.published(seller, now, stock=3), place(seller, now)
    move(listing, seller, now, 3, to=depot)
    order = world.buy(buyer, listing, now, quantity=2)
    for who, said in ((seller, True), (buyer, False)):
        client = Client()
        client.force_login(who.user)
        for path in ("/sell/orders/", f"/orders/{order.id}/", f"/orders/{order.id}/packing-slip/"):
            text = client.get(path).content.decode()
            assert (f"Depot: 2 × {listing.title}" in text) == said, (path, said)


def test_buyers_and_a_seller_who_moves_at_once_never_oversell(real_database, now):
    seller = world.open_seller(now)
    listing, depot = world.published(seller, now, stock=6), place(seller, now)
    move(listing, seller, now, 3, to=depot)
    buyers = [world.person(now) for _ in range(4)]
    jobs = []
    for buyer in buyers:
        world.fill_cart(buyer, {listing.id: 2}, now)
        request = PlaceRequest(key=str(uuid4()), address=world.VALENCIA, delivery=world.cheapest_delivery(buyer, now))
        jobs.append(lambda b=buyer, r=request: _buy(b, r, now))
    jobs += [lambda: move(listing, seller, now, 1, to=depot), lambda: move(listing, seller, now, 1, source=depot),
             lambda: adjust(listing, seller, now, -1)]  # fmt: skip
    results = _at_once(jobs)
    bought = [r for r in results[:4] if isinstance(r, Purchase)]
    assert len(bought) in {2, 3}, results
    on_hand, reserved, elsewhere = figures(listing)
    lost = isinstance(results[-1], StockMovement)
    assert (on_hand, reserved) == (6 - 2 * len(bought) - lost, 0)
    assert elsewhere == LocationStock.objects.get().on_hand <= on_hand


def _buy(buyer, request, now):
    purchase = place_purchase(request=request, actor=buyer.actor, now=now)
    world.pay(buyer, purchase, now)
    return purchase


def _at_once(jobs):
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
