"""Quoting and using a rate."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from core.actor import Actor
from core.errors import DomainError, InvalidInput, NotFound
from core.money import CURRENCIES, Money
from payments.exchange import selectors
from payments.exchange.models import ExchangeQuote
from payments.exchange.rates import rate_source
from payments.exchange.rules import RATE_STEP, convert, exchange_legs, position_amount, spread_rate
from payments.ledger.rules import Leg


class QuoteExpired(DomainError):
    """The rate is no longer promised."""

    code = "quote_expired"
    message = "This quote has expired."
    remedy = "Ask for a new one."


class QuoteUsed(DomainError):
    """A quote is good for one exchange."""

    code = "quote_used"
    message = "This quote was used already."


def quote_exchange(*, seller_id: UUID, source: Money, currency: str, actor: Actor, now: datetime) -> ExchangeQuote:
    """Lock a rate for `source` into `currency` until it expires (policy data).

    Raises NotFound (not the seller), InvalidInput (same or unknown currency, too little), RateUnavailable.
    """
    if not (actor.is_system or actor.acts_for(seller_id)):
        raise NotFound()
    if currency == source.currency or currency not in CURRENCIES:
        raise InvalidInput("Choose another currency.", field="currency")
    policy = selectors.get_policy(currency)
    quoted_by = rate_source()
    mid = quoted_by.mid_rate(source.currency, currency, on=now.date()).quantize(RATE_STEP)
    rate = spread_rate(mid, policy.spread_basis_points)
    target = convert(source, rate, currency)
    if source.minor <= 0 or target.minor <= 0:
        raise InvalidInput("This is too little to exchange.", field="amount")
    return ExchangeQuote.objects.create(
        seller_id=seller_id, source_minor=source.minor, source_currency=source.currency, target_minor=target.minor,
        target_currency=currency, mid_rate=mid, rate=rate, spread_basis_points=policy.spread_basis_points,
        rate_source=quoted_by.code, created_at=now, expires_at=now + timedelta(seconds=policy.quote_seconds),
    )  # fmt: skip


def use_quote(*, quote_id: UUID, seller_id: UUID, now: datetime) -> tuple[ExchangeQuote, list[Leg]]:
    """Take a quote for the caller's ledger transaction, once; joins the caller's transaction. Locks the quote.

    Returns it with the legs of the position. Raises NotFound, QuoteExpired, QuoteUsed.
    """
    quote = selectors.lock_quote(quote_id, seller_id)
    if quote.used_at is not None:
        raise QuoteUsed()
    if quote.expires_at <= now:
        raise QuoteExpired()
    quote.used_at = now
    quote.save(update_fields=["used_at"])
    given = position_amount(quote.source, Decimal(quote.rate), quote.target_currency)
    return quote, exchange_legs(quote.source, quote.target, given)
