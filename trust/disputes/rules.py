"""Bounds and time limits of disputes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from trust.contracts import DisputeClosed, DisputeState

MAX_TEXT: Final = 4000
MAX_EVIDENCE_PER_PARTY: Final = 10
MAX_MESSAGES_PER_PARTY: Final = 200

#: How long the seller has to answer before the operator looks at the case.
ANSWER_TIME: Final = timedelta(days=3)


def operator_looks_from(opened_at: datetime) -> datetime:
    return opened_at + ANSWER_TIME


def refuse_closed(state: str) -> None:
    """Raises DisputeClosed unless the dispute is open."""
    if state != DisputeState.OPEN:
        raise DisputeClosed()
