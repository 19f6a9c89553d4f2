"""Pure rules of price talks: whose turn it is, bounds, and how long a word stands."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from core.errors import InvalidInput
from core.money import Money
from marketplace.contracts import MessageSide, OfferInput, QuoteState

MAX_WISH: Final = 4000
MAX_NOTE: Final = 1000
MAX_QUANTITY: Final = 9_999
MAX_OPEN_REQUESTS: Final = 50
MAX_OFFERS: Final = 20
MAX_VALID_DAYS: Final = 30
MAX_HANDLING_DAYS: Final = 60
MAX_PRICE_MINOR: Final = 10_000_000_00
REQUEST_LIFE: Final = timedelta(days=14)
"""How long a seller may take to answer."""

OFFER_DAYS: Final = 6
"""How long an offer stands unless its author says otherwise (after Sharetribe's negotiation process)."""

PAYMENT_WINDOW: Final = timedelta(hours=72)
"""How long the goods of an agreed price are kept for the buyer: the other side may agree while the buyer sleeps."""


def side_asked(state: str) -> MessageSide | None:
    """Whose turn it is to answer; None when it is over."""
    return {
        QuoteState.REQUESTED: MessageSide.SELLER, QuoteState.OFFERED: MessageSide.BUYER,
        QuoteState.COUNTERED: MessageSide.SELLER,
    }.get(QuoteState(state))  # fmt: skip


def checked_quantity(quantity: int) -> int:
    """Raises InvalidInput."""
    if not 1 <= quantity <= MAX_QUANTITY:
        raise InvalidInput("This quantity is not possible.", field="quantity")
    return quantity


def checked_words(text: str, *, most: int, field: str, is_needed: bool = False) -> str:
    """Trimmed. Raises InvalidInput when it is too long, or empty though it is needed."""
    words = text.strip()
    if is_needed and not words:
        raise InvalidInput("Write something.", field=field)
    if len(words) > most:
        raise InvalidInput("The text is too long.", field=field)
    return words


def check_offer(offer: OfferInput, *, currency: str) -> None:
    """Raises InvalidInput naming the field: quantity, unit_price, shipping, handling_days, valid_days, note."""
    checked_quantity(offer.quantity)
    check_price(offer.unit_price, currency=currency, field="unit_price")
    shipping = Money.zero(currency) if offer.shipping is None else offer.shipping
    if shipping.currency != currency or not 0 <= shipping.minor <= MAX_PRICE_MINOR:
        raise InvalidInput("The price of the delivery is not usable.", field="shipping")
    if not 0 <= offer.handling_days <= MAX_HANDLING_DAYS:
        raise InvalidInput("This number is out of range.", field="handling_days")
    if not 1 <= offer.valid_days <= MAX_VALID_DAYS:
        raise InvalidInput("This number is out of range.", field="valid_days")
    checked_words(offer.note, most=MAX_NOTE, field="note")


def check_price(price: Money, *, currency: str, field: str) -> None:
    """Raises InvalidInput."""
    if price.currency != currency or not 0 < price.minor <= MAX_PRICE_MINOR:
        raise InvalidInput("The price must be above zero, in the currency of the listing.", field=field)
