"""What the catalogue and moderation tell each other: goods to be judged, what was found, and how a check stands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.errors import DomainError, InvalidInput


class RuleKind(StrEnum):
    """What a rule does with the goods it fits."""

    PROHIBITED = "PROHIBITED"
    """Never sold here."""
    DOCUMENTS = "DOCUMENTS"
    """Sold by shops whose documents the operator has seen."""
    REVIEW = "REVIEW"
    """A person looks at each."""


class CaseState(StrEnum):
    OPEN = "OPEN"
    APPROVED = "APPROVED"
    REFUSED = "REFUSED"
    TAKEN_BACK = "TAKEN_BACK"


@dataclass(frozen=True)
class Goods:
    """What is judged of a listing: its category, the department above it, and all its words."""

    category: str
    department: str
    text: str


@dataclass(frozen=True)
class Finding:
    """A rule that fits, in its version, and the words it was found by (none: the category as a whole)."""

    rule: str
    version: int
    kind: RuleKind
    title: str
    remedy: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReviewNotice:
    """How the last check of a listing stands, as its seller reads it. `asked`: (rule, what to do) in their language."""

    state: CaseState
    asked: tuple[tuple[str, str], ...]
    reason: str


class ListingProhibited(InvalidInput):
    code = "listing_prohibited"
    message = "This may not be sold here."


class ListingUnderReview(DomainError):
    code = "listing_under_review"
    message = "This listing is being checked."
    remedy = "Take it off sale first; then you can change it and send it again."
