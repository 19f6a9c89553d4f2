"""Money in the reader's language."""

from __future__ import annotations

from functools import lru_cache

from babel.numbers import format_currency, format_decimal, get_decimal_symbol, get_group_symbol
from django.utils.translation import get_language

from core.money import Money, MoneyError, currency_exponent


def babel_locale() -> str:
    """Babel's name of the active language."""
    return (get_language() or "en").replace("-", "_")


def format_money(value: Money) -> str:
    """The amount with its currency, exact to the last minor unit, by the rules of the active language."""
    return _formatted(value, babel_locale())


@lru_cache(maxsize=4096)
def _formatted(value: Money, locale: str) -> str:
    return str(format_currency(value.decimal, value.currency, locale=locale, currency_digits=True))


def parse_money(text: str, currency: str) -> Money:
    """Read what a person typed: "1,50" and "1.50", "1.234,50" and "1,234.50" as their language writes them.

    A lone separator followed by exactly three digits is a group where the language groups with it, else a decimal sign.
    Raises MoneyError; the amount is never rounded.
    """
    cleaned = "".join(text.split()).replace("\u202f", "").replace("\u00a0", "").replace("'", "")
    separators = [sign for sign in cleaned if sign in ",."]
    if len(set(separators)) == 2:
        decimal = cleaned[max(cleaned.rfind(","), cleaned.rfind("."))]
        if separators.count(decimal) > 1:
            raise MoneyError(f"{text!r} is not an amount")
        whole, fraction = cleaned.rsplit(decimal, 1)
        return Money.parse(f"{_ungroup(whole, text)}.{fraction}", currency)
    if not separators:
        return Money.parse(cleaned, currency)
    sign = separators[0]
    whole, fraction = cleaned.rsplit(sign, 1)
    groups_here = sign == get_group_symbol(babel_locale()) != get_decimal_symbol(babel_locale())
    if len(separators) > 1 or (groups_here and len(fraction) == 3):
        return Money.parse(_ungroup(cleaned, text), currency)
    return Money.parse(f"{whole}.{fraction}", currency)


def _ungroup(whole: str, typed: str) -> str:
    """Drop group separators, only where they stand every three digits."""
    for sign in ",.":
        if sign in whole:
            first, *groups = whole.split(sign)
            if not 1 <= len(first.lstrip("-")) <= 3 or any(len(group) != 3 for group in groups):
                raise MoneyError(f"{typed!r} is not an amount")
            whole = first + "".join(groups)
    return whole


def format_plain(value: Money) -> str:
    """The amount without its currency, as the active language writes decimals: what a form field holds."""
    digits = currency_exponent(value.currency)
    return str(format_decimal(value.decimal, format=f"0.{'0' * digits}" if digits else "0", locale=babel_locale()))
