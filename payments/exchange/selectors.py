"""Reads of exchange: quotes, the policy, and what the positions are worth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection

from core.errors import NotFound
from core.money import Money
from payments.exchange.models import ExchangePolicy, ExchangeQuote
from payments.exchange.rates import RateUnavailable, rate_source
from payments.exchange.rules import convert
from payments.ledger.rules import AccountCode


@dataclass(frozen=True, slots=True)
class Position:
    """A currency's position: what we hold (negative: what we gave away), its value now and what rounding left."""

    held: Money
    rounding: Money
    value: Money | None


def get_policy(currency: str) -> ExchangePolicy:
    """The policy of a target currency, else the default."""
    rows = {policy.currency: policy for policy in ExchangePolicy.objects.filter(currency__in=["", currency])}
    return rows.get(currency) or rows.get("") or ExchangePolicy()


def lock_quote(quote_id: UUID, seller_id: UUID) -> ExchangeQuote:
    """A seller's quote, locked. Raises NotFound to everybody else."""
    quote = ExchangeQuote.objects.select_for_update().filter(id=quote_id, seller_id=seller_id).first()
    if quote is None:
        raise NotFound("There is no such quote.")
    return quote


def list_positions(base: str, *, on: date) -> list[Position]:
    """Every currency ever exchanged, valued in `base` at the mid rate of a day."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.currency, coalesce(sum(b.posted) FILTER (WHERE a.kind = %s), 0),"
            " coalesce(sum(b.posted) FILTER (WHERE a.kind = %s), 0) FROM payments_account a"
            " JOIN payments_balance_now b ON b.account_id = a.id WHERE a.kind IN (%s, %s) GROUP BY 1 ORDER BY 1",
            [AccountCode.FX_POSITION, AccountCode.FX_ROUNDING, AccountCode.FX_POSITION, AccountCode.FX_ROUNDING],
        )
        rows = cursor.fetchall()
    # A credit on the position means that we keep the currency: it came in and nobody else has a claim on it.
    return [_position(currency, -int(held), -int(rest), base, on) for currency, held, rest in rows]


def _position(currency: str, held: int, rest: int, base: str, on: date) -> Position:
    amount, rounding = Money(held, currency), Money(rest, currency)
    try:
        rate = rate_source().mid_rate(currency, base, on=on)
    except RateUnavailable:
        return Position(amount, rounding, None)
    return Position(amount, rounding, convert(amount + rounding, rate, base))
