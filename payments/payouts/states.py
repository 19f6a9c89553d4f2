"""The machine of a payout."""

from __future__ import annotations

from enum import StrEnum

from payments.contracts import PayoutState as S


class PayoutAction(StrEnum):
    SUBMIT = "SUBMIT"
    PAY = "PAY"
    FAIL = "FAIL"
    RETURN = "RETURN"


A = PayoutAction

TRANSITIONS: dict[tuple[S, PayoutAction], S] = {
    (S.REQUESTED, A.SUBMIT): S.SUBMITTED,
    (S.SUBMITTED, A.PAY): S.PAID,
    (S.SUBMITTED, A.FAIL): S.FAILED,
    (S.PAID, A.RETURN): S.RETURNED,
}
