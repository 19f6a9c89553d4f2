"""Batches of postings: one call, each item by its own key, bounds after every item."""

import pytest
from django.db import transaction

from core.money import Money
from payments.ledger import selectors, services
from payments.ledger.models import Entry
from payments.ledger.rules import AccountCode as A
from payments.ledger.rules import Leg
from payments.ledger.services import Outcome, Posting

EUR = "EUR"


def eur(minor):
    return Money(minor, EUR)


def pay(key, minor=100, seller="s1"):
    return Posting(
        "batch", key, "TEST", "r", [Leg(A.PSP_CLEARING, "", eur(minor)), Leg(A.SELLER_PAYABLE, seller, eur(-minor))]
    )


def outcomes(items):
    return [item.outcome for item in items]


@pytest.mark.django_db
def test_a_batch_posts_each_item_and_runs_balances_through_it(now):
    services.post_many(postings=[pay("a", 10), pay("b", 20, "s2"), pay("c", 30)], now=now)
    assert selectors.owed_to(A.SELLER_PAYABLE, "s1", EUR) == eur(40)
    assert selectors.balance(A.PSP_CLEARING, "", EUR) == eur(60)
    rows = Entry.objects.filter(account__owner="s1").order_by("seq").values_list("seq", "amount", "balance_after")
    assert list(rows) == [(1, -10, -10), (2, -30, -40)]
    assert all(not list(selectors.find_defects(query)) for _, query in selectors.CHECKS)


@pytest.mark.django_db
def test_items_are_replayed_or_in_conflict_each_for_itself(now):
    first = services.post(scope="batch", key="a", kind="TEST", ref="r", legs=pay("a").legs, now=now)
    answers = services.post_many(postings=[pay("a"), pay("b"), pay("a", 7), pay("b"), pay("b", 8), pay("c")], now=now)
    assert outcomes(answers) == ["POSTED" if x == "P" else "REPLAYED" if x == "R" else "CONFLICT" for x in "RPCRCP"]
    assert answers[0].txn_id == answers[2].txn_id == first.txn_id
    assert answers[1].txn_id == answers[3].txn_id == answers[4].txn_id
    assert selectors.owed_to(A.SELLER_PAYABLE, "s1", EUR) == eur(300)


@pytest.mark.django_db
def test_the_item_that_passes_a_bound_is_named_and_nothing_is_posted(now):
    batch = [pay("a", 50), pay("b", -20), pay("c", -31), pay("d", 500)]
    with pytest.raises(services.BatchRefused) as refused, transaction.atomic():
        services.post_many(postings=batch, now=now)
    assert refused.value.index == 2
    assert selectors.owed_to(A.SELLER_PAYABLE, "s1", EUR) == eur(0)
    assert outcomes(services.post_many(postings=batch[:2], now=now)) == [Outcome.POSTED] * 2


@pytest.mark.django_db
def test_a_batch_of_replays_alone_moves_nothing(now):
    services.post_many(postings=[pay("a"), pay("b")], now=now)
    assert outcomes(services.post_many(postings=[pay("b"), pay("a")], now=now)) == [Outcome.REPLAYED] * 2
    assert services.post_many(postings=[], now=now) == []
    assert selectors.owed_to(A.SELLER_PAYABLE, "s1", EUR) == eur(200)
