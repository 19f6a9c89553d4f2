"""Countries by ISO 3166 and the currency people there usually pay in."""

from __future__ import annotations

from functools import cache

from babel import Locale
from babel.numbers import get_territory_currencies
from django.utils.translation import get_language

from core.money import CURRENCIES

#: Countries one can join from; the platform's rates and demo carriers cover these.
COUNTRIES = (
    "ES", "PT", "FR", "IT", "DE", "NL", "BE", "AT", "IE", "GB", "PL", "SE", "DK", "FI", "CZ", "GR", "RO", "HU",
    "MX", "CO", "AR", "CL", "PE", "BR", "US", "CA", "CN", "JP", "MA",
)  # fmt: skip


@cache
def _names(language: str) -> dict[str, str]:
    territories = Locale.parse(language.replace("-", "_")).territories
    return {code: territories.get(code, code) for code in COUNTRIES}


def country_name(code: str) -> str:
    """Name of a country in the active language; the code itself when unknown."""
    return _names(get_language() or "en").get(code, code)


def country_choices() -> list[tuple[str, str]]:
    """(code, name) sorted by name in the active language."""
    return sorted(_names(get_language() or "en").items(), key=lambda item: item[1])


@cache
def currency_of(country: str) -> str:
    """The current legal tender of `country` when the platform accepts it, else EUR."""
    for code in get_territory_currencies(country):
        if code in CURRENCIES:
            return str(code)
    return "EUR"
