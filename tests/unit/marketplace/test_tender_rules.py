"""Who is asked about a buyer's need, and the bounds of one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from core.errors import InvalidInput
from core.money import Money
from marketplace.contracts import NeedInput, Place
from marketplace.tenders.rules import (
    MAX_INVITED,
    BidPolicyValues,
    Candidate,
    Invited,
    check_need,
    chosen_sellers,
    month_start,
    reserved_until,
)

NOW = datetime(2026, 3, 31, 22, 30, tzinfo=UTC)
PLACE = Place("Ana", "Calle 1", "Valencia", "46003", "ES")
NEED = NeedInput("table-linen", "Fifty cloths", "White.", 50, PLACE, 7)
POLICY = BidPolicyValues()


def candidate(number, rating=0, orders=0, disputes=None, exact=True):
    return Candidate(UUID(int=number), rating, orders, disputes, exact)


def test_the_best_that_fit_are_asked_and_top_ones_known():
    chosen = chosen_sellers(
        [candidate(1, 400, 50), candidate(2, 490, 9), candidate(3, 480, 20, 500), candidate(4, 500, 99, exact=False),
         candidate(5, 500, 99, 501)], POLICY
    )  # fmt: skip
    assert [(one.seller_id.int, one.is_top) for one in chosen] == [(2, False), (3, True), (1, False), (4, True)]
    assert len(chosen_sellers([candidate(n) for n in range(1, 200)], POLICY)) == MAX_INVITED


def test_hours_are_reserved_only_where_there_are_top_sellers():
    assert reserved_until([Invited(UUID(int=1), True)], POLICY, now=NOW) == NOW + timedelta(hours=6)
    assert reserved_until([Invited(UUID(int=1), False)], POLICY, now=NOW) == NOW
    assert month_start(NOW) == datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "abc"}, {"title": "x" * 141}, {"need": " "}, {"need": "x" * 4001}, {"quantity": 0}, {"days": 0},
        {"days": 31}, {"target": Money(0, "EUR")}, {"target": Money(100, "USD")},
    ],
)  # fmt: skip
def test_bad_needs_are_refused(changes):
    check_need(NEED, currency="EUR")
    with pytest.raises(InvalidInput):
        check_need(replace(NEED, **changes), currency="EUR")
