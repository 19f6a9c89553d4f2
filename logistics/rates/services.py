"""Quoting (a read of the rate table in force) and changes of rates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from django.db.models import F
from django.utils.translation import gettext

from core.money import currency_exponent
from logistics.contracts import HintRequest, ParcelSpec, Place, QuoteRequest, QuoteSet, ServiceQuote
from logistics.rates.models import RateSheet
from logistics.rates.rules import RateTable, quote_all, with_learned_promise
from logistics.rates.selectors import current_table


def quote_by(*, table: RateTable, request: QuoteRequest, now: datetime, spent: frozenset[str]) -> QuoteSet:
    """The answers of all single carriers by a table, with the learned days. Raises InvalidParcel, UnknownCurrency."""
    currency_exponent(request.currency)
    return with_learned_promise(table, quote_all(table, request, now, spent), request)


def promise_hints(*, requests: Sequence[HintRequest], now: datetime) -> tuple[ServiceQuote | None, ...]:
    """The cheapest offer for each card as of the minute of `now`, or None. One query when the table is warm."""
    if not requests:
        return ()
    minute = now.replace(second=0, microsecond=0)
    table, _spent = current_table(now=minute)
    known = _hints_of(table, minute)
    for hint in requests:
        if hint not in known:
            currency_exponent(hint.currency)
            request = QuoteRequest(
                origin=Place(hint.origin_country), destination=Place(hint.destination_country),
                parcel=ParcelSpec(max(hint.weight_grams, 1)), handling_days=hint.handling_days, currency=hint.currency,
            )  # fmt: skip
            found = with_learned_promise(table, quote_all(table, request, minute), request).quotes
            known[hint] = found[0] if found else None
    return tuple(known[hint] for hint in requests)


@lru_cache(maxsize=2)
def _hints_of(_table: RateTable, _minute: datetime) -> dict[HintRequest, ServiceQuote | None]:
    """What this process has already hinted by a table within a minute; a page of results asks the same few again."""
    return {}


def bump_revision() -> None:
    """Tell all processes that services, holidays, zones, conversions or what the promise model knows changed."""
    RateSheet.objects.update(revision=F("revision") + 1)


def in_words(*, found: QuoteSet) -> QuoteSet:
    """The reasons of rejections in the active language."""
    return replace(
        found, rejected=tuple(replace(item, explanation=gettext(item.explanation)) for item in found.rejected)
    )
