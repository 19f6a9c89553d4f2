"""The machine of a charge. Results only move it forward, so late, repeated and reordered news are safe."""

from __future__ import annotations

from enum import StrEnum

from payments.contracts import ChargeState as S


class ChargeAction(StrEnum):
    SUBMIT = "SUBMIT"
    REQUIRE_ACTION = "REQUIRE_ACTION"
    PEND = "PEND"
    LOSE_TRACK = "LOSE_TRACK"
    CAPTURE = "CAPTURE"
    CAPTURE_LATE = "CAPTURE_LATE"
    FAIL = "FAIL"
    CANCEL = "CANCEL"


A = ChargeAction

TRANSITIONS: dict[tuple[S, ChargeAction], S] = {
    (S.CREATED, A.SUBMIT): S.SUBMITTED,
    (S.CREATED, A.CANCEL): S.CANCELLED,
    (S.SUBMITTED, A.LOSE_TRACK): S.UNKNOWN,
    **{(s, A.REQUIRE_ACTION): S.REQUIRES_ACTION for s in (S.SUBMITTED, S.UNKNOWN)},
    **{(s, A.PEND): S.PENDING for s in (S.SUBMITTED, S.UNKNOWN, S.REQUIRES_ACTION)},
    **{(s, A.CAPTURE): S.CAPTURED for s in (S.SUBMITTED, S.UNKNOWN, S.REQUIRES_ACTION, S.PENDING)},
    **{(s, A.CAPTURE_LATE): S.RETURNED for s in (S.SUBMITTED, S.UNKNOWN, S.REQUIRES_ACTION, S.PENDING)},
    **{(s, A.FAIL): S.FAILED for s in (S.SUBMITTED, S.UNKNOWN, S.REQUIRES_ACTION, S.PENDING)},
    **{(s, A.CANCEL): S.CANCELLED for s in (S.SUBMITTED, S.UNKNOWN, S.REQUIRES_ACTION, S.PENDING)},
    (S.FAILED, A.CAPTURE_LATE): S.RETURNED,
    (S.CANCELLED, A.CAPTURE_LATE): S.RETURNED,
}

LIVE = (S.CREATED, S.SUBMITTED, S.REQUIRES_ACTION, S.PENDING, S.UNKNOWN, S.CAPTURED)
WAITING = (S.SUBMITTED, S.REQUIRES_ACTION, S.PENDING, S.UNKNOWN)
