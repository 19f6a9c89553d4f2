"""The life of a claim against a carrier as a table."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class ClaimState(StrEnum):
    """DRAFT: the parcel is being traced, or its value is not known yet. ELIGIBLE: it may be sent to the carrier."""

    DRAFT = "DRAFT"
    ELIGIBLE = "ELIGIBLE"
    SUBMITTED = "SUBMITTED"
    IN_REVIEW = "IN_REVIEW"
    NEEDS_ACTION = "NEEDS_ACTION"
    APPROVED = "APPROVED"
    APPROVED_PARTIAL = "APPROVED_PARTIAL"
    REJECTED = "REJECTED"
    PAID = "PAID"
    WRITTEN_OFF = "WRITTEN_OFF"
    CANCELLED = "CANCELLED"


class ClaimAction(StrEnum):
    QUALIFY = "QUALIFY"
    SUBMIT = "SUBMIT"
    REVIEW = "REVIEW"
    ASK = "ASK"
    ANSWER = "ANSWER"
    APPROVE = "APPROVE"
    APPROVE_PART = "APPROVE_PART"
    REJECT = "REJECT"
    APPEAL = "APPEAL"
    PAY = "PAY"
    WRITE_OFF = "WRITE_OFF"
    CANCEL = "CANCEL"


S, A = ClaimState, ClaimAction
WITH_CARRIER: Final = (S.SUBMITTED, S.IN_REVIEW, S.NEEDS_ACTION)
TRANSITIONS: Final[dict[tuple[ClaimState, ClaimAction], ClaimState]] = {
    (S.DRAFT, A.QUALIFY): S.ELIGIBLE,
    (S.DRAFT, A.CANCEL): S.CANCELLED,
    (S.DRAFT, A.WRITE_OFF): S.WRITTEN_OFF,
    (S.ELIGIBLE, A.SUBMIT): S.SUBMITTED,
    (S.ELIGIBLE, A.CANCEL): S.CANCELLED,
    (S.ELIGIBLE, A.WRITE_OFF): S.WRITTEN_OFF,
    (S.SUBMITTED, A.REVIEW): S.IN_REVIEW,
    (S.SUBMITTED, A.ASK): S.NEEDS_ACTION,
    (S.IN_REVIEW, A.ASK): S.NEEDS_ACTION,
    (S.NEEDS_ACTION, A.ANSWER): S.IN_REVIEW,
    **{(state, A.APPROVE): S.APPROVED for state in WITH_CARRIER},
    **{(state, A.APPROVE_PART): S.APPROVED_PARTIAL for state in WITH_CARRIER},
    **{(state, A.REJECT): S.REJECTED for state in WITH_CARRIER},
    **{(state, A.CANCEL): S.CANCELLED for state in WITH_CARRIER},
    (S.REJECTED, A.APPEAL): S.IN_REVIEW,
    (S.REJECTED, A.WRITE_OFF): S.WRITTEN_OFF,
    (S.APPROVED_PARTIAL, A.APPEAL): S.IN_REVIEW,
    (S.APPROVED, A.PAY): S.PAID,
    (S.APPROVED_PARTIAL, A.PAY): S.PAID,
    (S.APPROVED, A.WRITE_OFF): S.WRITTEN_OFF,
    (S.APPROVED_PARTIAL, A.WRITE_OFF): S.WRITTEN_OFF,
}

TERMINAL: Final = frozenset({S.PAID, S.WRITTEN_OFF, S.CANCELLED})
NOT_SENT: Final = frozenset({S.DRAFT, S.ELIGIBLE})
