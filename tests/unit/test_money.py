"""Money: exact, one currency at a time, cents never lost."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import CurrencyMismatch, Money, MoneyError, UnknownCurrency, sum_money


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [("12.50", "EUR", 1250), ("100", "JPY", 100), ("0.450", "KWD", 450), ("-3", "USD", -300)],
)
def test_reads_plain_decimals(text, currency, minor):
    assert Money.parse(text, currency).minor == minor


@pytest.mark.parametrize(
    ("text", "currency"), [("12.345", "EUR"), ("1.5", "JPY"), ("abc", "EUR"), ("1e3", "EUR"), ("", "EUR")]
)
def test_refuses_what_is_not_exact(text, currency):
    with pytest.raises(MoneyError):
        Money.parse(text, currency)


def test_refuses_floats_and_unknown_currencies():
    with pytest.raises(MoneyError):
        Money(1.5, "EUR")  # type: ignore[arg-type]
    with pytest.raises(MoneyError):
        Money(True, "EUR")
    with pytest.raises(UnknownCurrency):
        Money(1, "XXX")
    with pytest.raises(CurrencyMismatch):
        Money(1, "EUR") + Money(1, "USD")


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(any))
def test_allocation_never_loses_a_cent(minor, weights):
    whole = Money(minor, "EUR")
    parts = whole.allocate(weights)
    assert sum_money(parts, "EUR") == whole
    total = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(Decimal(part.minor) - Decimal(minor) * weight / total) < 1


@given(st.integers(-(10**12), 10**12), st.integers(0, 10_000))
def test_a_portion_is_within_half_a_cent(minor, basis_points):
    portion = Money(minor, "EUR").portion(basis_points)
    assert abs(Decimal(portion.minor) - Decimal(minor) * basis_points / 10_000) <= Decimal("0.5")
