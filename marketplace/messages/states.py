"""The life of a report about a message."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from marketplace.contracts import ReportState


class ReportAction(StrEnum):
    UPHOLD = "UPHOLD"
    DISMISS = "DISMISS"


S, A = ReportState, ReportAction
TRANSITIONS: Final[dict[tuple[ReportState, ReportAction], ReportState]] = {
    (S.OPEN, A.UPHOLD): S.UPHELD,
    (S.OPEN, A.DISMISS): S.DISMISSED,
}
