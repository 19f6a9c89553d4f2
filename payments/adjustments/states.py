"""The machine of an adjustment."""

from __future__ import annotations

from enum import StrEnum


class AdjustmentState(StrEnum):
    REQUESTED = "REQUESTED"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    POSTED = "POSTED"


class AdjustmentAction(StrEnum):
    APPROVE = "APPROVE"
    REJECT = "REJECT"
    POST = "POST"


S, A = AdjustmentState, AdjustmentAction

TRANSITIONS: dict[tuple[AdjustmentState, AdjustmentAction], AdjustmentState] = {
    (S.REQUESTED, A.APPROVE): S.APPROVED,
    (S.REQUESTED, A.REJECT): S.REJECTED,
    (S.APPROVED, A.POST): S.POSTED,
}
