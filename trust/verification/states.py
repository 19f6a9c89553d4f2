"""The state machine of a verification case."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from trust.contracts import CaseState


class CaseAction(StrEnum):
    APPROVE = "APPROVE"
    REJECT = "REJECT"


TRANSITIONS: Final[dict[tuple[CaseState, CaseAction], CaseState]] = {
    (CaseState.OPEN, CaseAction.APPROVE): CaseState.APPROVED,
    (CaseState.OPEN, CaseAction.REJECT): CaseState.REJECTED,
}
