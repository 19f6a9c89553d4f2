"""The machine of a refund at the provider; its money left the books when it was requested."""

from __future__ import annotations

from enum import StrEnum

from payments.contracts import RefundState as S


class RefundAction(StrEnum):
    SUBMIT = "SUBMIT"
    FINISH = "FINISH"
    GIVE_UP = "GIVE_UP"
    RETRY = "RETRY"
    CREDIT = "CREDIT"


A = RefundAction

TRANSITIONS: dict[tuple[S, RefundAction], S] = {
    (S.REQUESTED, A.SUBMIT): S.SUBMITTED,
    (S.SUBMITTED, A.SUBMIT): S.SUBMITTED,
    **{(s, A.FINISH): S.DONE for s in (S.REQUESTED, S.SUBMITTED, S.FAILED)},  # news may come before the answer
    **{(s, A.GIVE_UP): S.FAILED for s in (S.REQUESTED, S.SUBMITTED)},
    (S.FAILED, A.RETRY): S.REQUESTED,
    (S.FAILED, A.CREDIT): S.CREDITED,
}
