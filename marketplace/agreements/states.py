"""The state machine of an agreement about something made to order."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from marketplace.contracts import AgreementState


class AgreementAction(StrEnum):
    """PROPOSE may be repeated until the buyer answers. DECLINE: the side that is asked says no; WITHDRAW: the asking one."""

    PROPOSE = "PROPOSE"
    ACCEPT = "ACCEPT"
    DECLINE = "DECLINE"
    WITHDRAW = "WITHDRAW"


S, A = AgreementState, AgreementAction
TRANSITIONS: Final[dict[tuple[AgreementState, AgreementAction], AgreementState]] = {
    (S.REQUESTED, A.PROPOSE): S.PROPOSED,
    (S.PROPOSED, A.PROPOSE): S.PROPOSED,
    (S.PROPOSED, A.ACCEPT): S.ACCEPTED,
    (S.REQUESTED, A.DECLINE): S.DECLINED,
    (S.PROPOSED, A.DECLINE): S.DECLINED,
    (S.REQUESTED, A.WITHDRAW): S.WITHDRAWN,
    (S.PROPOSED, A.WITHDRAW): S.WITHDRAWN,
}
