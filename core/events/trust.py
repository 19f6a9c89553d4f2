"""Events of trust: verification, disputes, reviews, scorecards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from core.events.base import Event
from core.money import Money

__all__ = [
    "DisputeDecided",
    "DisputeMessagePosted",
    "DisputeOpened",
    "DisputeWithdrawn",
    "ReviewModerated",
    "ReviewPosted",
    "ScorecardRecomputed",
    "SellerVerificationDecided",
]


@dataclass(frozen=True)
class SellerVerificationDecided(Event):
    """The operator verified or rejected a seller."""

    wire_name: ClassVar[str] = "trust.verification.decided.v1"
    seller_id: UUID
    approved: bool
    reason: str
    decided_at: datetime

    @property
    def key(self) -> str:
        return str(self.seller_id)


@dataclass(frozen=True)
class _DisputeEvent(Event):
    wire_name: ClassVar[str] = "trust.dispute.abstract.v0"
    dispute_id: UUID
    order_id: UUID
    buyer_id: UUID
    seller_id: UUID
    at: datetime

    @property
    def key(self) -> str:
        return str(self.order_id)


@dataclass(frozen=True)
class DisputeOpened(_DisputeEvent):
    """The buyer opened a dispute; the escrow was frozen in the same transaction."""

    wire_name: ClassVar[str] = "trust.dispute.opened.v1"
    reason: str


@dataclass(frozen=True)
class DisputeWithdrawn(_DisputeEvent):
    """The buyer withdrew; the order goes on."""

    wire_name: ClassVar[str] = "trust.dispute.withdrawn.v1"


@dataclass(frozen=True)
class DisputeMessagePosted(_DisputeEvent):
    """A party (BUYER, SELLER or OPERATOR) wrote to the others."""

    wire_name: ClassVar[str] = "trust.dispute.message_posted.v1"
    party: str


@dataclass(frozen=True)
class DisputeDecided(_DisputeEvent):
    """The operator decided and the money followed."""

    wire_name: ClassVar[str] = "trust.dispute.decided.v1"
    refunded: Money
    released: Money
    seller_at_fault: bool


@dataclass(frozen=True)
class ReviewPosted(Event):
    """A verified buyer rated a line of a delivered order."""

    wire_name: ClassVar[str] = "trust.review.posted.v1"
    review_id: UUID
    order_id: UUID
    listing_id: UUID
    seller_id: UUID
    rating: int
    posted_at: datetime

    @property
    def key(self) -> str:
        return str(self.seller_id)


@dataclass(frozen=True)
class ReviewModerated(Event):
    """The operator hid a review or put it back."""

    wire_name: ClassVar[str] = "trust.review.moderated.v1"
    review_id: UUID
    listing_id: UUID
    seller_id: UUID
    is_hidden: bool
    moderated_at: datetime

    @property
    def key(self) -> str:
        return str(self.seller_id)


@dataclass(frozen=True)
class ScorecardRecomputed(Event):
    """A seller's reputation figures changed."""

    wire_name: ClassVar[str] = "trust.scorecard.recomputed.v1"
    seller_id: UUID
    recomputed_at: datetime

    @property
    def key(self) -> str:
        return str(self.seller_id)
