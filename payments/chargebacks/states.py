"""The machine of a chargeback. News only move it forward, so late, repeated and reordered ones are safe."""

from __future__ import annotations

from enum import StrEnum

from payments.contracts import ChargebackState as S


class ChargebackAction(StrEnum):
    ESCALATE = "ESCALATE"
    SUBMIT = "SUBMIT"
    CLOSE = "CLOSE"
    WIN = "WIN"
    LOSE = "LOSE"


A = ChargebackAction
WARNINGS = (S.WARNING_NEEDS_RESPONSE, S.WARNING_UNDER_REVIEW)

TRANSITIONS: dict[tuple[S, ChargebackAction], S] = {
    (S.WARNING_NEEDS_RESPONSE, A.SUBMIT): S.WARNING_UNDER_REVIEW,
    **{(s, A.CLOSE): S.WARNING_CLOSED for s in WARNINGS},
    **{(s, A.ESCALATE): S.NEEDS_RESPONSE for s in WARNINGS},  # the inquiry became a chargeback: money leaves now
    (S.NEEDS_RESPONSE, A.SUBMIT): S.UNDER_REVIEW,
    **{(s, A.WIN): S.WON for s in (S.NEEDS_RESPONSE, S.UNDER_REVIEW)},
    **{(s, A.LOSE): S.LOST for s in (S.NEEDS_RESPONSE, S.UNDER_REVIEW)},
}
OPEN = (S.WARNING_NEEDS_RESPONSE, S.WARNING_UNDER_REVIEW, S.NEEDS_RESPONSE, S.UNDER_REVIEW)
ANSWERABLE = (S.WARNING_NEEDS_RESPONSE, S.NEEDS_RESPONSE)
#: The bank has the money, provisionally.
TAKEN = (S.NEEDS_RESPONSE, S.UNDER_REVIEW)
