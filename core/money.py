"""Money: an integer of minor units with an ISO 4217 currency.

Floats are refused everywhere. Exponents (minor digits) come from ISO 4217 and are never guessed: JPY has 0, EUR 2,
KWD 3. Division of money goes through `allocate`, so that cents are never lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

#: Currencies the platform accepts, with their ISO 4217 exponent.
CURRENCIES: Final[dict[str, int]] = {
    "EUR": 2, "USD": 2, "GBP": 2, "CHF": 2, "SEK": 2, "DKK": 2, "NOK": 2, "PLN": 2, "CZK": 2, "HUF": 2, "RON": 2,
    "BGN": 2, "TRY": 2, "MXN": 2, "COP": 2, "ARS": 2, "BRL": 2, "PEN": 2, "UYU": 2, "CAD": 2, "AUD": 2, "NZD": 2,
    "CNY": 2, "HKD": 2, "SGD": 2, "INR": 2, "MAD": 2, "ZAR": 2, "AED": 2, "JPY": 0, "KRW": 0, "CLP": 0, "PYG": 0,
    "VND": 0, "ISK": 0, "KWD": 3, "BHD": 3, "TND": 3, "JOD": 3, "OMR": 3,
}  # fmt: skip

MAX_MINOR: Final = 10**15
"""No single amount is larger than this (ten trillion euros); guards typing errors and BIGINT sums."""

_DECIMAL = re.compile(r"^-?\d{1,15}(?:\.\d+)?$")


class MoneyError(ValueError):
    """An amount or currency that cannot be represented exactly."""


class UnknownCurrency(MoneyError):
    """The currency code is not one the platform accepts."""


class CurrencyMismatch(MoneyError):
    """Two amounts of different currencies met in one operation."""


def currency_exponent(currency: str) -> int:
    """Number of minor digits of `currency` (ISO 4217). Raises UnknownCurrency."""
    try:
        return CURRENCIES[currency]
    except KeyError:
        raise UnknownCurrency(f"Unknown currency {currency!r}") from None


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """`minor` units (cents, yen, fils) of `currency`. Immutable; arithmetic only within one currency."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise MoneyError(f"Minor units must be an int, not {type(self.minor).__name__}")
        if abs(self.minor) > MAX_MINOR:
            raise MoneyError("Amount too large")
        currency_exponent(self.currency)

    @classmethod
    def zero(cls, currency: str) -> Money:
        return cls(0, currency)

    @classmethod
    def parse(cls, text: str, currency: str) -> Money:
        """Read a plain decimal such as "12.50". Raises MoneyError when it has more decimals than the currency."""
        if not _DECIMAL.match(text.strip()):
            raise MoneyError(f"{text!r} is not an amount")
        try:
            value = Decimal(text.strip())
        except InvalidOperation:
            raise MoneyError(f"{text!r} is not an amount") from None
        return cls.from_decimal(value, currency)

    @classmethod
    def from_decimal(cls, value: Decimal, currency: str) -> Money:
        """Exact conversion; raises MoneyError rather than round."""
        exponent = currency_exponent(currency)
        scaled = value.scaleb(exponent)
        if scaled != scaled.to_integral_value():
            raise MoneyError(f"{currency} has {exponent} decimals")
        return cls(int(scaled), currency)

    @property
    def decimal(self) -> Decimal:
        return Decimal(self.minor).scaleb(-currency_exponent(self.currency))

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} do not mix")

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __mul__(self, factor: int) -> Money:
        if type(factor) is not int:
            raise MoneyError("Money is multiplied by whole numbers; use `portion` for rates")
        return Money(self.minor * factor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.minor < other.minor

    def __le__(self, other: Money) -> bool:
        self._same(other)
        return self.minor <= other.minor

    def __gt__(self, other: Money) -> bool:
        return not self <= other

    def __ge__(self, other: Money) -> bool:
        return not self < other

    def __bool__(self) -> bool:
        return self.minor != 0

    def __str__(self) -> str:
        return f"{self.decimal:f} {self.currency}"

    @property
    def is_negative(self) -> bool:
        return self.minor < 0

    def portion(self, basis_points: int) -> Money:
        """`basis_points` / 10,000 of the amount, half up (away from zero)."""
        product = abs(self.minor) * basis_points
        rounded = (product * 2 + 10_000) // 20_000
        return Money(rounded if self.minor >= 0 else -rounded, self.currency)

    def allocate(self, weights: Sequence[int]) -> tuple[Money, ...]:
        """Split by `weights` (non-negative, not all zero) with the largest remainder method.

        The parts sum to the whole exactly; ties go to the earlier part, so the result is deterministic.
        """
        total = sum(weights)
        if total <= 0 or any(w < 0 for w in weights):
            raise MoneyError("Weights must be non-negative and not all zero")
        sign = -1 if self.minor < 0 else 1
        whole = abs(self.minor)
        floors = [whole * w // total for w in weights]
        remainders = sorted(range(len(weights)), key=lambda i: (-(whole * weights[i] % total), i))
        for i in remainders[: whole - sum(floors)]:
            floors[i] += 1
        return tuple(Money(sign * part, self.currency) for part in floors)


def sum_money(amounts: Iterable[Money], currency: str) -> Money:
    """Sum of `amounts`, zero of `currency` when there are none. Raises CurrencyMismatch."""
    total = Money.zero(currency)
    for amount in amounts:
        total = total + amount
    return total
