"""The machine of a bank line."""

from __future__ import annotations

from enum import StrEnum


class LineState(StrEnum):
    """NOTED: seen, but another message books it (or the account is not ours). PARTIAL: a part of a payment waits.

    MATCHED explained itself; ASSIGNED, SENT_BACK and WRITTEN_OFF were decided, by the operator or by a rule.
    """

    NOTED = "NOTED"
    OPEN = "OPEN"
    PARTIAL = "PARTIAL"
    MATCHED = "MATCHED"
    ASSIGNED = "ASSIGNED"
    SENT_BACK = "SENT_BACK"
    WRITTEN_OFF = "WRITTEN_OFF"


class LineAction(StrEnum):
    MATCH = "MATCH"
    HOLD_PART = "HOLD_PART"
    ASSIGN = "ASSIGN"
    SEND_BACK = "SEND_BACK"
    WRITE_OFF = "WRITE_OFF"
    BOOK = "BOOK"


S, A = LineState, LineAction

TRANSITIONS: dict[tuple[LineState, LineAction], LineState] = {
    (S.NOTED, A.BOOK): S.OPEN,
    (S.OPEN, A.MATCH): S.MATCHED,
    (S.OPEN, A.HOLD_PART): S.PARTIAL,
    (S.OPEN, A.ASSIGN): S.ASSIGNED,
    (S.OPEN, A.SEND_BACK): S.SENT_BACK,
    (S.OPEN, A.WRITE_OFF): S.WRITTEN_OFF,
    (S.PARTIAL, A.MATCH): S.MATCHED,
    (S.PARTIAL, A.SEND_BACK): S.SENT_BACK,
}

WAITING = (S.OPEN, S.PARTIAL)
