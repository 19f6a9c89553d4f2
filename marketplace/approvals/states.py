"""The state machine of an approval."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class ApprovalState(StrEnum):
    WAITING = "WAITING"
    APPROVED = "APPROVED"
    REFUSED = "REFUSED"
    EXPIRED = "EXPIRED"


class ApprovalAction(StrEnum):
    APPROVE = "APPROVE"
    REFUSE = "REFUSE"
    EXPIRE = "EXPIRE"


S, A = ApprovalState, ApprovalAction
TRANSITIONS: Final[dict[tuple[ApprovalState, ApprovalAction], ApprovalState]] = {
    (S.WAITING, A.APPROVE): S.APPROVED,
    (S.WAITING, A.REFUSE): S.REFUSED,
    (S.WAITING, A.EXPIRE): S.EXPIRED,
}
