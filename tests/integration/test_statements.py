"""Statements written once: they must say what the querysets they stand for say, for every value."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Count
from django.db.transaction import TransactionManagementError

from core.models import Organisation
from core.statements import Prepared, attach, insert, insert_each, update, update_each
from marketplace.models import Cart, CartLine, Listing
from tests import world


@pytest.fixture
def listings(db, now):
    seller = world.open_seller(now, name="Seller of cups")
    return [world.published(seller, now, title=f"Cup {n}", stock=5) for n in range(3)]


def test_every_call_binds_its_own_values(listings):
    by_id = Prepared(lambda wanted: Listing.objects.filter(id=wanted)[:1], wanted=type(listings[0].id))
    assert [by_id.first(wanted=one.id) for one in listings] == listings
    assert by_id.first(wanted=uuid4()) is None


def test_joined_rows_come_as_instances_with_their_relations(listings, django_assert_num_queries):
    joined = Prepared(
        lambda wanted: (
            Listing.objects.select_related("seller__standing", "stock").defer("description").filter(id=wanted)
        ),
        wanted=type(listings[0].id),
    )
    with django_assert_num_queries(1):
        (found,) = joined.all(wanted=listings[1].id)
        assert (found.seller.organisation_id, found.stock.on_hand) == (listings[1].seller_id, 5)
    assert found.get_deferred_fields() == {"description"}
    assert found.attributes == Listing.objects.get(id=found.id).attributes  # converted from JSON


def test_a_list_is_one_parameter_whatever_its_length(listings):
    several = Prepared(lambda ids: Listing.objects.filter(id__any_of=ids).order_by("title"), ids=list)
    of_sellers = Prepared(lambda ids: Listing.objects.filter(seller_id__any_of=ids).order_by("title"), ids=list)
    for count in range(4):
        assert several.all(ids=[one.id for one in listings[:count]]) == listings[:count]
    assert of_sellers.all(ids=[listings[0].seller_id]) == listings
    assert list(Listing.objects.filter(seller_id__any_of=[])) == []


def test_text_and_numbers_bind_and_constants_stay(listings):
    named = Prepared(
        lambda title, least: Listing.objects.filter(title=title, price_minor__gte=least), title=str, least=int
    )
    assert named.all(title="Cup 2", least=0) == [listings[2]]
    assert named.all(title="Cup 2", least=10**9) == []


def test_annotations_are_refused_and_unused_arguments_too(listings):
    with pytest.raises(ValueError, match="other"):
        Prepared(lambda wanted, other: Listing.objects.filter(title=wanted), wanted=str, other=str).all(
            wanted="", other=""
        )
    with pytest.raises(ValueError, match="annotat"):
        Prepared(lambda: Listing.objects.annotate(n=Count("photos"))).all()


@pytest.mark.concurrent
def test_a_locking_read_wants_a_transaction(real_database):
    locked = Prepared(lambda: Organisation.objects.select_for_update()[:1])
    with pytest.raises(TransactionManagementError):
        locked.first()
    with transaction.atomic():
        locked.first()
    with pytest.raises(TransactionManagementError):
        locked.first()


def test_inserted_rows_are_what_the_orm_reads_back(listings, now):
    buyer = world.person(now)
    cart = Cart(organisation_id=buyer.organisation_id, updated_at=now)
    assert insert(cart) == 1
    lines = [CartLine(cart=cart, listing=one, quantity=n + 1, added_at=now) for n, one in enumerate(listings)]
    assert insert(*lines) == 3
    assert {(li.listing_id, li.quantity) for li in CartLine.objects.filter(cart=cart)} == {
        (one.id, n + 1) for n, one in enumerate(listings)
    }
    assert insert() == 0
    again = CartLine(cart=cart, listing=listings[0], quantity=9, added_at=now)
    assert insert(again, unless_there=True) == 0
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(again)


def test_many_rows_at_once_are_what_the_orm_reads_back(listings, now, django_assert_num_queries):
    buyer = world.person(now)
    cart = Cart(organisation_id=buyer.organisation_id, updated_at=now)
    with django_assert_num_queries(2):
        assert insert_each(cart) == 1
        lines = [CartLine(cart=cart, listing=one, quantity=n + 1, added_at=now) for n, one in enumerate(listings)]
        assert insert_each(*lines) == 3
    assert {(li.listing_id, li.quantity, li.added_at) for li in CartLine.objects.filter(cart=cart)} == {
        (one.id, n + 1, now) for n, one in enumerate(listings)
    }
    assert insert_each() == 0
    again = CartLine(cart=cart, listing=listings[0], quantity=9, added_at=now)
    assert insert_each(again, unless_there=True) == 0
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_each(again)


def test_each_row_gets_its_own_values(listings, now, django_assert_num_queries):
    for number, one in enumerate(listings):
        one.brand, one.title, one.published_at = f"Ñandú \\ '{number}'", "not written", None if number else now
    with django_assert_num_queries(1):
        update_each(*listings, columns=["brand", "published_at"])
    update_each(columns=["brand"])
    assert sorted(Listing.objects.values_list("title", "brand", "published_at")) == [
        (f"Cup {number}", f"Ñandú \\ '{number}'", None if number else now) for number in range(3)
    ]


def test_an_update_writes_these_columns_and_no_other(listings):
    first, second, third = listings
    for one in (first, second):
        one.brand, one.title = "Lonja", "not written"
    update(first, second, columns=["brand"])
    assert sorted(Listing.objects.values_list("title", "brand")) == [
        ("Cup 0", "Lonja"),
        ("Cup 1", "Lonja"),
        ("Cup 2", ""),
    ]
    third.brand = "Other"
    with pytest.raises(ValueError, match="differ"):
        update(first, third, columns=["brand"])


def test_attached_rows_answer_like_prefetched_ones(listings, now, django_assert_num_queries):
    cart = Cart(organisation_id=world.person(now).organisation_id, updated_at=now)
    rows = [CartLine(cart=cart, listing=listings[0], quantity=1, added_at=now)]
    attach(cart, "lines", rows)
    with django_assert_num_queries(0):
        assert list(cart.lines.all()) == rows
