"""What trust tells others and the facts it refuses with. Plain Python."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from core.errors import DomainError, InvalidInput, NotAllowed, NotFound
from core.money import Money


class CaseState(StrEnum):
    """Where the check of a submitted business profile stands."""

    OPEN = "OPEN"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


class DisputeState(StrEnum):
    """OPEN: the money is frozen. DECIDED: it moved. WITHDRAWN: the order goes on."""

    OPEN = "OPEN"
    DECIDED = "DECIDED"
    WITHDRAWN = "WITHDRAWN"


class DisputeReason(StrEnum):
    NOT_RECEIVED = "NOT_RECEIVED"
    NOT_AS_DESCRIBED = "NOT_AS_DESCRIBED"
    DAMAGED = "DAMAGED"
    SHORT = "SHORT"
    COUNTERFEIT = "COUNTERFEIT"
    WRONG_ITEM = "WRONG_ITEM"
    LATE = "LATE"


class DisputeWish(StrEnum):
    """What the buyer asks for."""

    FULL_REFUND = "FULL_REFUND"
    PARTIAL_REFUND = "PARTIAL_REFUND"
    REPLACEMENT = "REPLACEMENT"


class DisputeParty(StrEnum):
    BUYER = "BUYER"
    SELLER = "SELLER"
    OPERATOR = "OPERATOR"


class ReviewState(StrEnum):
    PUBLISHED = "PUBLISHED"
    HIDDEN = "HIDDEN"


@dataclass(frozen=True, slots=True)
class MessageView:
    message_id: UUID
    party: DisputeParty
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """A file one of the parties added; its content is served only to the parties and the operator."""

    evidence_id: UUID
    party: DisputeParty
    name: str
    media_type: str
    size: int
    at: datetime


@dataclass(frozen=True, slots=True)
class DisputeView:
    """A dispute with its thread. `refunded` and `seller_at_fault` are set once it is decided."""

    dispute_id: UUID
    order_id: UUID
    buyer_id: UUID
    seller_id: UUID
    state: DisputeState
    reason: DisputeReason
    wish: DisputeWish
    description: str
    amount: Money
    opened_at: datetime
    closed_at: datetime | None
    refunded: Money | None
    seller_at_fault: bool | None
    reasoning: str
    messages: tuple[MessageView, ...]
    evidence: tuple[EvidenceView, ...]
    lines: tuple[str, ...] = ()
    """Refs of the disputed lines; none: all that was held."""


@dataclass(frozen=True, slots=True)
class ReviewView:
    review_id: UUID
    order_id: UUID
    line_id: UUID
    listing_id: UUID
    seller_id: UUID
    rating: int
    title: str
    text: str
    author: str
    state: ReviewState
    posted_at: datetime
    answer: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class ScorecardView:
    """Figures of a seller as of `computed_at`. Shares are basis points; None: too few orders to say."""

    seller_id: UUID
    policy_version: int
    computed_at: datetime
    window_days: int
    minimum_sample: int
    rating_hundredths: int
    rating_count: int
    orders_count: int
    orders_in_window: int
    promise_kept_bp: int | None
    on_time_bp: int | None
    dispute_rate_bp: int | None
    cancel_rate_bp: int | None


class CaseNotFound(NotFound):
    message = "There is no open verification case."


class DisputeNotFound(NotFound):
    message = "There is no such dispute."


class EvidenceNotFound(NotFound):
    message = "There is no such file."


class ReviewNotFound(NotFound):
    message = "There is no such review."


class DisputeNotPossible(DomainError):
    """The order is not shipped yet, or is over."""

    code = "dispute_not_possible"
    message = "A dispute can be opened once the goods are on their way and until the money is released."


class DisputeClosed(DomainError):
    """It was decided or withdrawn before."""

    code = "dispute_closed"
    message = "This dispute is closed."


class TooMuchEvidence(InvalidInput):
    code = "too_much_evidence"
    message = "You have added as many files as a dispute can hold."
    remedy = "At most 10 files for each party."


class ReviewNotPossible(NotAllowed):
    """Not delivered yet, or not bought by this organisation."""

    code = "review_not_possible"
    message = "Only buyers whose order was delivered can review it."


class AlreadyReviewed(DomainError):
    code = "already_reviewed"
    message = "You have reviewed this already."


class AlreadyAnswered(DomainError):
    code = "already_answered"
    message = "You have answered this review already."
