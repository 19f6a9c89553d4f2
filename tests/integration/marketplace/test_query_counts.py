"""Pages and lists cost the same number of queries whatever the number of rows."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from marketplace.search.node import SearchNode
from tests import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def client_of():
    def make(person):
        client = Client()
        client.force_login(person.user)
        return client

    return make


@pytest.fixture
def index(settings, tmp_path, now, monkeypatch):
    settings.SEARCH_INDEX_DIR = tmp_path / "index"
    node = SearchNode(tmp_path / "index")
    assert node.become_writer()
    monkeypatch.setattr("marketplace.search.selectors.node", lambda: node)
    yield lambda: node.rebuild(now=now)
    node.release_writer()


def count(client, path):
    client.get(path)  # sessions, caches
    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = client.get(path)
        assert b"".join(response)
    assert response.status_code == 200
    return len(queries), [q["sql"][:200] for q in queries]


def stock_up(seller, now, n):
    return [world.published(seller, now, title=f"Linen cloth number {i}") for i in range(n)]


def test_public_pages(index, now, client_of):
    seller = world.open_seller(now)
    listings = stock_up(seller, now, 2)
    index()
    visitor = Client()
    paths = ("/", "/search/?q=linen", "/api/v1/search/?q=linen", f"/shops/{_slug(seller)}/",
             f"/listings/{listings[0].id}/")  # fmt: skip
    visitor.get(paths[-1])  # from now on the front page shows what was seen
    few = {path: count(visitor, path)[0] for path in paths}
    stock_up(seller, now, 8)
    index()
    many = {path: count(visitor, path) for path in paths}
    assert {path: n for path, (n, _sql) in many.items()} == few, many
    assert max(few.values()) <= 12, few


def _slug(seller):
    from marketplace.sellers.selectors import get_seller

    return get_seller(seller.organisation_id).slug


def test_cart_and_checkout(now, client_of):
    buyer = world.person(now)
    sellers = [world.open_seller(now) for _ in range(2)]
    goods = [listing for seller in sellers for listing in stock_up(seller, now, 4)]
    client = client_of(buyer)
    world.fill_cart(buyer, {listing.id: 1 for listing in (goods[0], goods[4])}, now)
    paths = ("/cart/", "/api/v1/cart/", "/checkout/")
    few = {path: count(client, path)[0] for path in paths}
    world.fill_cart(buyer, {listing.id: 1 for listing in goods}, now)
    many = {path: count(client, path) for path in paths}
    assert {path: n for path, (n, _sql) in many.items()} == few, many


def test_lists_of_orders_and_listings(now, client_of):
    seller, buyer = world.open_seller(now), world.person(now)
    goods = stock_up(seller, now, 6)
    buying, selling = client_of(buyer), client_of(seller)
    pages = ((buying, "/orders/"), (selling, "/sell/orders/"), (selling, "/sell/listings/"), (selling, "/sell/"),
             (selling, "/sell/orders/export/"), (buying, "/orders/export/"), (buying, "/api/v1/orders/"), (buying, "/api/v1/purchases/"),
             (selling, "/api/v1/listings/"))  # fmt: skip

    def order(listings):
        for listing in listings:
            world.fill_cart(buyer, {listing.id: 1}, now)
            purchase = world.place(buyer, now)
            world.pay_purchase(
                purchase=purchase, method_token="tok_approve", return_url="http://t/", actor=buyer.actor, now=now
            )

    order(goods[:1])
    few = {path: count(client, path)[0] for client, path in pages}
    order(goods[1:])
    stock_up(seller, now, 5)
    many = {path: count(client, path) for client, path in pages}
    assert {path: n for path, (n, _sql) in many.items()} == few, many


def test_the_admin_lists(now, client_of):
    operator = world.person(now, is_operator=True)
    client = client_of(operator)
    pages = [f"/admin/marketplace/{name}/" for name in ("seller", "listing", "category", "order", "purchase")]

    def grow(n):
        for _ in range(n):
            seller, buyer = world.open_seller(now), world.person(now)
            world.fill_cart(buyer, {listing.id: 1 for listing in stock_up(seller, now, 1)}, now)
            world.place(buyer, now)

    grow(2)
    few = {path: count(client, path)[0] for path in pages}
    grow(4)
    many = {path: count(client, path) for path in pages}
    assert {path: n for path, (n, _sql) in many.items()} == few, many
