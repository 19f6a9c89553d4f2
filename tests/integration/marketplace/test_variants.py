"""Variants: own stock, price and number each; one page to choose on, one result in search; never oversold."""

import json
from collections import Counter
from uuid import uuid4

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import DomainError, InvalidInput
from core.money import Money
from marketplace.catalog import services as catalog
from marketplace.catalog import variants
from marketplace.catalog.imports import import_listings
from marketplace.catalog.models import Listing, Product, Stock
from marketplace.contracts import ImportRow, ListingNotFound, NotEnoughStock
from marketplace.imports import services as importing
from marketplace.imports.services import take_file
from marketplace.orders.models import OrderLine
from marketplace.search.index import categories_by_code, documents
from marketplace.search.node import SearchNode
from marketplace.search.rules import SearchQuery
from marketplace.search.selectors import search
from tests import world

pytestmark = pytest.mark.django_db


def eur(minor):
    return Money(minor, "EUR")


@pytest.fixture
def seller(now):
    return world.open_seller(now)


def shirt(seller, now):
    """White M, on sale, with two options."""
    listing = world.published(seller, now, category_code="shirts", title="Linen shirt with collar", stock=4,
                              attributes={"material": "linen", "colour": "white", "size": "M"})  # fmt: skip
    variants.make_product(listing_id=listing.id, options=["colour", "size"], actor=seller.actor, now=now)
    return listing


def more(seller, listing, now, *, colour="white", size="M", price=5000, stock=2, sku="", on_sale=True):
    made = variants.add_variant(
        listing_id=listing.id, attributes={"colour": colour, "size": size}, price=eur(price), stock=stock, sku=sku, gtin="",
        actor=seller.actor, now=now,
    )  # fmt: skip
    if on_sale:
        catalog.publish_listing(listing_id=made.id, actor=seller.actor, now=now)
    return made


def client_of(person):
    client = Client()
    client.force_login(person.user)
    return client


@pytest.fixture
def node(settings, tmp_path, monkeypatch):
    settings.SEARCH_INDEX_DIR = tmp_path / "index"
    made = SearchNode(tmp_path / "index")
    assert made.become_writer()
    monkeypatch.setattr("marketplace.search.selectors.node", lambda: made)
    yield made
    made.release_writer()


def test_each_variant_has_its_own_stock_price_and_number_and_the_order_names_it(seller, now):
    white = shirt(seller, now)
    blue = more(seller, white, now, colour="blue", price=5500, stock=1, sku="SH-B-M")
    buyer = world.person(now)
    world.fill_cart(buyer, {white.id: 2, blue.id: 1}, now)
    purchase = world.place(buyer, now)
    lines = {line.listing_id: line for line in OrderLine.objects.filter(order__purchase=purchase)}
    assert lines[blue.id].title == "Linen shirt with collar (blue, M)"
    assert (lines[blue.id].sku, lines[blue.id].unit_price, lines[white.id].unit_price) == (
        "SH-B-M",
        eur(5500),
        eur(4800),
    )
    assert dict(Stock.objects.values_list("listing_id", "reserved")) == {white.id: 2, blue.id: 1}
    with pytest.raises(NotEnoughStock):
        world.fill_cart(world.person(now), {blue.id: 1}, now)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"colour": "white", "size": "M"}, "attributes.colour"), ({"size": ""}, "attributes.size"),
        ({"colour": "plaid"}, "attributes.colour"), ({"price": 0}, "price"), ({"stock": -1}, "stock"),
        ({"sku": "TAKEN"}, "sku"),
    ],
)  # fmt: skip
def test_a_variant_that_cannot_be(seller, now, values, field):
    white = shirt(seller, now)
    more(seller, white, now, size="L", sku="TAKEN")
    with pytest.raises(InvalidInput) as refused:
        more(seller, white, now, **{"colour": "blue", "size": "S"} | values)
    assert refused.value.field == field
    assert Listing.objects.count() == 2


@pytest.mark.parametrize("options", [[], ["colour", "colour"], ["weight"], ["size"]])
def test_options_come_from_the_category_and_have_values(seller, now, options):
    listing = world.published(seller, now, category_code="shirts", attributes={"material": "linen", "colour": "white"})
    with pytest.raises(InvalidInput):
        variants.make_product(listing_id=listing.id, options=options, actor=seller.actor, now=now)
    assert not Product.objects.exists()


def test_what_is_common_changes_on_all_and_variants_stay_apart(seller, now):
    white = shirt(seller, now)
    blue = more(seller, white, now, colour="blue")
    same = {"category_code": "shirts", "attributes": {"material": "linen", "colour": "white", "size": "M"}, "stock": 4}
    change = world.listing_input(title="Linen shirt, mother-of-pearl", **same)
    catalog.update_listing(listing_id=white.id, listing=change, actor=seller.actor, now=now)
    blue.refresh_from_db()
    assert (blue.title, blue.variant, blue.price) == ("Linen shirt, mother-of-pearl", "blue, M", eur(5000))
    clash = world.listing_input(**same | {"attributes": {"material": "linen", "colour": "blue", "size": "M"}})
    with pytest.raises(InvalidInput) as refused:
        catalog.update_listing(listing_id=white.id, listing=clash, actor=seller.actor, now=now)
    assert refused.value.field == "attributes.colour"


def test_search_shows_the_product_once_found_by_any_variant(seller, now, node):
    white = shirt(seller, now)
    blue = more(seller, white, now, colour="blue", size="XL", price=4000, sku="QX77")
    node.rebuild(now=now)
    for words in ("linen shirt", "shirt blue", "shirt white", "QX77"):
        (hit,) = search(SearchQuery(text=words), now=now).hits
        assert (hit.listing_id, hit.variants, hit.price) == (blue.id, 2, eur(4000)), words
    for value in ("colour:white", "colour:blue", "size:XL"):
        assert search(SearchQuery(filters={"attribute": (value,)}), now=now).total == 1
    changed = dict(documents([white.id], categories_by_code()))
    assert set(changed) == {white.id, blue.id}, "a change of one variant is a change of all"
    Stock.objects.filter(listing=blue).update(on_hand=0)
    node.rebuild(now=now)
    assert [hit.listing_id for hit in search(SearchQuery(text="shirt"), now=now).hits] == [white.id]
    catalog.withdraw_listing(listing_id=white.id, actor=seller.actor, now=now)
    node.rebuild(now=now)
    (hit,) = search(SearchQuery(text="shirt"), now=now).hits
    assert (hit.listing_id, hit.available) == (blue.id, False)


def test_the_page_lets_choose_without_a_script(seller, now):
    white = shirt(seller, now)
    blue = more(seller, white, now, colour="blue", size="L")
    large = more(seller, white, now, size="L", stock=0)
    more(seller, white, now, colour="red", on_sale=False)
    page = Client().get(f"/listings/{white.id}/").content.decode()
    assert f'href="/listings/{blue.id}/"' in page
    assert f'href="/listings/{large.id}/"' in page
    assert 'aria-current="true"' in page
    assert ">red" not in page
    assert "Sold out" in page


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.integers(0, 4), min_size=2, max_size=4),
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3)), max_size=8),
)
def test_no_variant_is_ever_oversold(now, stocks, wishes):
    seller = world.open_seller(now)
    first = shirt(seller, now)
    catalog.set_price_and_stock(listing_id=first.id, price=eur(4800), stock=stocks[0], actor=seller.actor, now=now)
    family = [first] + [
        more(seller, first, now, size=size, stock=stock) for size, stock in zip("SLX", stocks[1:], strict=False)
        if size != "X"
    ]  # fmt: skip
    sold = Counter()
    for number, quantity in wishes:
        buyer, one = world.person(now), family[number % len(family)]
        try:
            world.fill_cart(buyer, {one.id: quantity}, now)
            world.place(buyer, now)
        except DomainError:
            continue
        sold[one.id] += quantity
    for one in family:
        stock = Stock.objects.get(listing=one)
        assert stock.reserved == sold[one.id] <= stock.on_hand


def rows_of(*values, product="SHIRT", options=("colour", "size")):
    return [
        ImportRow(
            world.listing_input(category_code="shirts", sku=sku, attributes={"material": "linen", "colour": c, "size": s}),
            product=product, options=options,
        )
        for c, s, sku in values
    ]  # fmt: skip


def test_an_import_brings_variants_and_adds_to_them(seller, now):
    import_listings(rows=rows_of(("blue", "M", "A"), ("blue", "L", "B")), actor=seller.actor, now=now)
    import_listings(rows=rows_of(("red", "M", "C")), actor=seller.actor, now=now)
    product = Product.objects.get()
    assert sorted(product.variants.values_list("variant", flat=True)) == ["blue, L", "blue, M", "red, M"]
    for rows, field in (
        (rows_of(("red", "M", "D")), "attributes.colour"), (rows_of(("red", "S", "A")), "sku"),
        (rows_of(("red", "S", ""), options=("size",)), "options"), (rows_of(("red", "S", ""), options=()), "options"),
        (rows_of(("red", "", "")), "attributes.size"),
    ):  # fmt: skip
        with pytest.raises(InvalidInput) as refused:
            import_listings(rows=rows, actor=seller.actor, now=now)
        assert refused.value.field == f"rows[0].{field}"
    assert Listing.objects.count() == 3


FILE = """category,title,description,price,stock,weight_grams,material,colour,size,sku,product,options
shirts,Linen shirt,Washed.,40,3,200,linen,blue,M,S1,SHIRT,"colour,size"
shirts,Linen shirt,Washed.,40,3,200,linen,blue,L,S2,SHIRT,"colour,size"
shirts,Linen shirt,Washed.,40,3,200,linen,blue,L,S3,SHIRT,"colour,size"
shirts,Linen shirt,Washed.,40,3,200,linen,red,L,S1,SHIRT,"colour,size"
"""


def test_a_file_with_variants_names_the_rows_that_repeat(seller, now):
    row = take_file(file_name="a.csv", content=FILE.encode(), actor=seller.actor, now=now)
    importing.check_import(import_id=row.id, now=now)
    row.refresh_from_db()
    assert [(error["row"], error["column"]) for error in row.errors] == [(4, "colour"), (5, "sku")]
    importing.start_import(import_id=row.id, actor=seller.actor, now=now)
    assert importing.run_import(import_id=row.id, now=now) == 2
    exported = b"".join(client_of(seller).get("/sell/listings/export/").streaming_content).decode()
    assert 'S2,SHIRT,"colour,size"' in exported


def test_pages_and_api_of_variants(seller, now):
    listing = world.published(seller, now, category_code="shirts", stock=4,
                              attributes={"material": "linen", "colour": "white", "size": "M"})  # fmt: skip
    client, path = client_of(seller), f"/sell/listings/{listing.id}/variants/"
    assert client.post(path, {}).status_code == 200
    assert client.post(path, {"options": ["colour"]}).status_code == 302
    form = {"attribute_colour": "blue", "price": "50", "stock": "2", "sku": "B1", "gtin": ""}
    assert client.post(path, form).status_code == 302
    again = client.post(path, form)
    assert "already" in again.content.decode()
    assert client.get(path).status_code == 200
    api = f"/api/v1/listings/{listing.id}/variants/"
    body = {"attributes": {"colour": "red"}, "price": {"minor": 100, "currency": "EUR"}, "stock": 1}
    made = client.post(api, json.dumps(body), content_type="application/json")
    assert made.status_code == 201
    assert made.json()["variant"] == "red"
    assert client.post(api, json.dumps(body), content_type="application/json").status_code == 422
    assert [one["variant"] for one in Client().get(api).json()] == ["white"]
    assert len(client.get(api).json()) == 3


def test_another_seller_adds_no_variant(seller, now):
    listing = shirt(seller, now)
    other = world.open_seller(now)
    for act in (
        lambda: more(other, listing, now, colour="blue"),
        lambda: variants.make_product(listing_id=listing.id, options=["size"], actor=other.actor, now=now),
        lambda: variants.make_product(listing_id=uuid4(), options=["size"], actor=other.actor, now=now),
    ):
        with pytest.raises(ListingNotFound):
            act()
