"""Prices by quantity, minimums and packs, and the prior price after the test vectors of the law."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InvalidInput
from core.money import Money
from marketplace.catalog.terms import (
    check_quantity,
    checked_terms,
    handling_days_for,
    price_for,
    prior_price,
    quantity_problem,
    reduction_percent,
    tiers_of,
)
from marketplace.contracts import PriceTier, QuantityRefused, SellingTerms
from marketplace.imports.rules import CellError, _tiers, steps_of

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def eur(minor):
    return Money(minor, "EUR")


def day(number):
    return START + timedelta(days=number)


def checked(**values):
    return checked_terms(SellingTerms(**values), price=eur(1000), max_handling_days=60)


STEPS = (PriceTier(10, eur(900)), PriceTier(50, eur(700), 9))


def test_the_largest_step_reached_sets_price_and_days():
    assert [price_for(quantity=n, price=eur(1000), tiers=STEPS).minor for n in (1, 9, 10, 49, 50, 999)] == [
        1000, 1000, 900, 900, 700, 700,
    ]  # fmt: skip
    assert [handling_days_for(quantity=n, days=2, tiers=STEPS) for n in (9, 10, 50)] == [2, 2, 9]
    assert price_for(quantity=10, price=eur(800), tiers=STEPS) == eur(800)


@given(st.lists(st.tuples(st.integers(2, 999), st.integers(1, 999)), max_size=6), st.integers(1, 998))
def test_more_is_never_dearer_by_the_piece(steps, quantity):
    quantities, prices = sorted({q for q, _p in steps}), sorted({p for _q, p in steps}, reverse=True)
    tiers = tuple(PriceTier(q, eur(p)) for q, p in zip(quantities, prices, strict=False))
    stored = checked(tiers=tiers)["tiers"]
    assert tiers_of(stored, "EUR") == tiers
    assert price_for(quantity=quantity + 1, price=eur(1000), tiers=tiers) <= price_for(
        quantity=quantity, price=eur(1000), tiers=tiers
    )


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"min_quantity": 0}, "min_quantity"), ({"min_quantity": 1000}, "min_quantity"), ({"pack_size": 0}, "pack_size"),
        ({"min_quantity": 7, "pack_size": 6}, "min_quantity"), ({"unit": "STONE"}, "unit"),
        ({"tiers": (PriceTier(1, eur(900)),)}, "tiers"), ({"tiers": (PriceTier(10, eur(1000)),)}, "tiers"),
        ({"tiers": (PriceTier(10, eur(900)), PriceTier(10, eur(800)))}, "tiers"),
        ({"tiers": (PriceTier(10, eur(900)), PriceTier(20, eur(950)))}, "tiers"),
        ({"tiers": (PriceTier(10, Money(900, "USD")),)}, "tiers"), ({"tiers": (PriceTier(10, eur(900), 61),)}, "tiers"),
        ({"min_quantity": 6, "pack_size": 6, "tiers": (PriceTier(13, eur(900)),)}, "tiers"),
        ({"tiers": tuple(PriceTier(n, eur(1000 - n)) for n in range(2, 9))}, "tiers"),
    ],
)  # fmt: skip
def test_terms_that_cannot_be_name_their_field(values, field):
    with pytest.raises(InvalidInput) as refused:
        checked(**values)
    assert refused.value.field == field


def test_below_the_minimum_or_between_packs_is_refused():
    assert [quantity_problem(quantity=n, min_quantity=12, pack_size=6) for n in (6, 11, 12, 13, 18)] == [
        "BELOW_MINIMUM", "BELOW_MINIMUM", "", "NOT_IN_PACKS", "",
    ]  # fmt: skip
    check_quantity(quantity=18, min_quantity=12, pack_size=6)
    for wrong, said in ((6, "12"), (13, "18")):
        with pytest.raises(QuantityRefused) as refused:
            check_quantity(quantity=wrong, min_quantity=12, pack_size=6)
        assert refused.value.field == "quantity"
        assert said in refused.value.remedy


def test_steps_of_a_file_and_back():
    tiers = _tiers("10=4.50; 50=4,00=5", "EUR")
    assert tiers == (PriceTier(10, eur(450)), PriceTier(50, eur(400), 5))
    assert _tiers("; ".join(steps_of(tiers)), "EUR") == tiers
    for wrong in ("10", "x=4", "10=4=x", "10=4=5=6", "10=abc"):
        with pytest.raises(CellError):
            _tiers(wrong, "EUR")


@pytest.mark.parametrize(
    ("history", "starts", "prior"),
    [
        ([(-90, 100)], 0, 100),  # one price for long, cut today
        ([(-90, 80), (-5, 100)], 0, 80),  # raised five days ago: nothing above 80 may be called a reduction
        ([(-90, 100), (0, 80)], 0, 100),  # the reduced price itself does not count
        ([(-90, 100), (-45, 80)], -45, 100),  # running for 45 days, still measured before its first day
        (
            [(-90, 70), (-31, 100), (-10, 120)],
            0,
            100,
        ),  # in force when the window opens; what ended before does not count
        ([(-90, 70), (-30, 100)], 0, 100),  # the window opens with the new price
        ([(-90, 70), (-29, 100)], 0, 70),
        ([(-10, 100), (-5, 90)], 0, 90),  # on sale for less than 30 days: since its first price
        ([(0, 100)], 0, None),
        ([], 0, None),
    ],
)
def test_the_prior_price_of_the_law(history, starts, prior):
    assert prior_price(history=[(day(d), minor) for d, minor in history], starts_at=day(starts)) == prior


@given(
    st.lists(st.tuples(st.integers(-120, -1), st.integers(1, 10_000)), min_size=1, unique_by=lambda row: row[0]),
)
def test_the_prior_price_is_never_above_what_was_asked_in_the_window(rows):
    history = sorted((day(d), minor) for d, minor in rows)
    prior = prior_price(history=history, starts_at=START)
    assert all(prior <= minor for at, minor in history if at > day(-30))
    assert prior in {minor for _at, minor in history}


def test_the_percentage_is_never_overstated():
    assert reduction_percent(prior_minor=10_000, price_minor=8_000) == 20
    assert reduction_percent(prior_minor=300, price_minor=200) == 33
    assert reduction_percent(prior_minor=10_000, price_minor=9_999) == 0
