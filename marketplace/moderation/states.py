"""The life of a case: a listing that waits for a person's look."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from marketplace.screening import CaseState


class CaseAction(StrEnum):
    APPROVE = "APPROVE"
    REFUSE = "REFUSE"
    TAKE_BACK = "TAKE_BACK"


TRANSITIONS: Final[dict[tuple[CaseState, CaseAction], CaseState]] = {
    (CaseState.OPEN, CaseAction.APPROVE): CaseState.APPROVED,
    (CaseState.OPEN, CaseAction.REFUSE): CaseState.REFUSED,
    (CaseState.OPEN, CaseAction.TAKE_BACK): CaseState.TAKEN_BACK,
}
