"""Contracts of messages, price talks, tenders and shop pages: values, and the facts they refuse with.

marketplace.contracts tells them on; import them from there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from core.errors import DomainError, NotAllowed, NotFound
from core.money import Money


class ThreadKind(StrEnum):
    """What a conversation is about."""

    LISTING = "LISTING"
    ORDER = "ORDER"
    QUOTE = "QUOTE"
    SHOP = "SHOP"


class MessageSide(StrEnum):
    BUYER = "BUYER"
    SELLER = "SELLER"


@dataclass(frozen=True, slots=True)
class SaidView:
    """One message of a conversation."""

    at: datetime
    side: MessageSide
    text: str


class ReportReason(StrEnum):
    """Why somebody shows a message to the operator."""

    OFF_PLATFORM = "OFF_PLATFORM"
    FRAUD = "FRAUD"
    ABUSE = "ABUSE"
    SPAM = "SPAM"
    OTHER = "OTHER"


class ReportState(StrEnum):
    OPEN = "OPEN"
    UPHELD = "UPHELD"
    DISMISSED = "DISMISSED"


class QuoteState(StrEnum):
    """A price talk: asked for, offered by the seller, countered by the buyer; agreed, or over in one of four ways."""

    REQUESTED = "REQUESTED"
    OFFERED = "OFFERED"
    COUNTERED = "COUNTERED"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"
    CONVERTED = "CONVERTED"


class TenderState(StrEnum):
    """A buyer's need, told to matching sellers: open, or over in one of three ways."""

    OPEN = "OPEN"
    AWARDED = "AWARDED"
    CLOSED = "CLOSED"
    EXPIRED = "EXPIRED"


class AwayMode(StrEnum):
    """Whether a shop is on holiday: open, sending later, or not selling."""

    OPEN = "OPEN"
    LONGER = "LONGER"
    CLOSED = "CLOSED"


@dataclass(frozen=True)
class OfferInput:
    """What one side of a price talk would agree to. `shipping` None: what the carrier asks today; days for the seller."""

    quantity: int
    unit_price: Money
    service_code: str
    shipping: Money | None = None
    handling_days: int = 2
    valid_days: int = 6
    note: str = ""


@dataclass(frozen=True)
class ShopInput:
    """How a shop presents itself. `away_until`: the day it opens again by itself; `away_days`: added to every order."""

    design: str
    tagline: str = ""
    away_mode: AwayMode = AwayMode.OPEN
    away_days: int = 0
    away_until: date | None = None
    away_note: str = ""


class Translator(Protocol):
    """Turns what people write into the reader's language. Outside of transactions; it may take a moment."""

    @property
    def is_available(self) -> bool: ...

    def translate(self, text: str, *, to: str) -> str | None:
        """The text in language `to`; None when it cannot, or when it is in that language already."""
        ...


class ThreadNotFound(NotFound):
    message = "There is no such conversation."


class ReportNotFound(NotFound):
    message = "There is no such report."


class QuickReplyNotFound(NotFound):
    message = "There is no such quick reply."


class Blocked(NotAllowed):
    """One of the two does not want to hear from the other. The words do not say which."""

    code = "blocked"
    message = "You cannot write to each other."
    remedy = "Conversations about orders stay open."


class TooManyMessages(DomainError):
    code = "too_many_messages"
    status = 429
    message = "You have written a lot in a short time."
    remedy = "Wait a little."


class QuoteNotFound(NotFound):
    message = "There is no such price request."


class TenderNotFound(NotFound):
    message = "There is no such request."


class QuotaUsedUp(DomainError):
    code = "quota_used_up"
    message = "You have answered as many requests as one month allows."
    remedy = "The count starts again on the first of the month."


class ShopAway(DomainError):
    """The seller is on holiday and sells nothing until it is back."""

    code = "shop_away"
    message = "This shop is on holiday."
    remedy = "Come back when it opens again, or write to the seller."
