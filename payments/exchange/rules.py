"""Exchange arithmetic: exact decimals, never a float; what rounding leaves is booked, not lost."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from core.money import Money, currency_exponent
from payments.ledger.rules import AccountCode, Leg

RATE_STEP = Decimal("0.000000000001")
FULL = 10_000


def spread_rate(mid: Decimal, basis_points: int) -> Decimal:
    """The customer's rate: the mid rate less the spread, rounded down to twelve places."""
    return (mid * (FULL - basis_points) / FULL).quantize(RATE_STEP, ROUND_DOWN)


def convert(source: Money, rate: Decimal, currency: str, *, rounding: str = ROUND_DOWN) -> Money:
    """`source` at `rate` units of `currency` for one unit of its own, with the exponents of both."""
    units = source.decimal * rate
    minor = units.scaleb(currency_exponent(currency)).to_integral_value(rounding)
    return Money(int(minor), currency)


def position_amount(source: Money, rate: Decimal, currency: str) -> Money:
    """What the position gives: the exact product rounded half up. It is the customer's amount or one unit more."""
    return convert(source, rate, currency, rounding=ROUND_HALF_UP)


def exchange_legs(source: Money, target: Money, given: Money) -> list[Leg]:
    """The position's side of an exchange: it takes `source`, gives `given`; `target` reaches the customer."""
    return [
        Leg(AccountCode.FX_POSITION, "", -source),
        Leg(AccountCode.FX_POSITION, "", given),
        Leg(AccountCode.FX_ROUNDING, "", target - given),
    ]
