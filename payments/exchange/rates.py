"""Where rates come from. The port is RateSource; the built-in source is the ECB's daily reference rates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Protocol

from currency_converter import CurrencyConverter, RateNotFoundError

from core.errors import DomainError


class RateUnavailable(DomainError):
    """Nobody quotes this pair."""

    code = "rate_unavailable"
    status = 422
    message = "There is no exchange rate for these currencies."


class RateSource(Protocol):
    """Mid-market rates."""

    code: str

    def mid_rate(self, source: str, target: str, *, on: date) -> Decimal:
        """Units of `target` for one `source`. Raises RateUnavailable."""
        ...


@lru_cache(maxsize=1)
def _reference_rates() -> Any:
    return CurrencyConverter(decimal=True, fallback_on_missing_rate=True, fallback_on_wrong_date=True)


class EcbRates:
    """The ECB's reference rates as packaged with CurrencyConverter; the nearest day that has one. No network."""

    code = "ECB"

    def mid_rate(self, source: str, target: str, *, on: date) -> Decimal:
        try:
            return Decimal(_reference_rates().convert(Decimal(1), source, target, date=on))
        except (ValueError, RateNotFoundError):
            raise RateUnavailable() from None


def rate_source() -> RateSource:
    """Where rates come from."""
    return EcbRates()
