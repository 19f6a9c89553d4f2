"""The search address: what may stand in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from core.identity.countries import COUNTRIES
from core.money import Money, MoneyError
from marketplace.search.rules import FILTERS, MAX_PAGE, MAX_QUERY_LENGTH, SearchQuery, Sort

MAX_CHOICES = 20
MAX_BUYING = 10_000


def read_query(data: QueryDict, *, currency: str = "EUR") -> tuple[SearchQuery, dict[str, str]]:
    """The search of an address and the errors in it (field -> text); what is wrong is left out, never guessed."""
    errors: dict[str, str] = {}
    filters = {name: tuple(data.getlist(name)[:MAX_CHOICES]) for name in FILTERS if data.getlist(name)}
    price_from = _price(data, "price_from", currency, errors)
    price_to = _price(data, "price_to", currency, errors)
    sort = data.get("sort", Sort.BEST)
    query = SearchQuery(
        text=data.get("q", "").strip()[:MAX_QUERY_LENGTH], filters=filters, price_from=price_from, price_to=price_to,
        currency=currency, only_available=data.get("available") == "1",
        only_business=data.get("business") == "1", rated_from=_whole(data, "rated", 0, 5),
        buying=_whole(data, "buying", 0, MAX_BUYING), ship_to=_country(data, errors), by=_day(data, errors),
        sort=Sort(sort) if sort in set(Sort) else Sort.BEST, page=_whole(data, "page", 1, MAX_PAGE),
    )  # fmt: skip
    return query, errors


def _price(data: Mapping[str, Any], name: str, currency: str, errors: dict[str, str]) -> int | None:
    text = str(data.get(name, "")).strip().replace(",", ".")
    if not text:
        return None
    try:
        amount = Money.parse(text, currency)
    except MoneyError as error:
        errors[name] = str(error)
        return None
    return max(amount.minor, 0)


def _country(data: Mapping[str, Any], errors: dict[str, str]) -> str:
    code = str(data.get("ship_to", "")).strip().upper()
    if code and code not in COUNTRIES:
        errors["ship_to"] = _("We do not know this country.")
        return ""
    return code


def _day(data: Mapping[str, Any], errors: dict[str, str]) -> date | None:
    text = str(data.get("by", "")).strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        errors["by"] = _("Write the day as year-month-day.")
        return None


def _whole(data: Mapping[str, Any], name: str, low: int, high: int) -> int:
    text = str(data.get(name, ""))
    return min(max(int(text), low), high) if text.isdigit() else low
