"""The state machine of a dispute."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from trust.contracts import DisputeState


class DisputeAction(StrEnum):
    """ACCEPT: the seller gives everything back. DECIDE: the operator's word."""

    WITHDRAW = "WITHDRAW"
    ACCEPT = "ACCEPT"
    DECIDE = "DECIDE"


TRANSITIONS: Final[dict[tuple[DisputeState, DisputeAction], DisputeState]] = {
    (DisputeState.OPEN, DisputeAction.WITHDRAW): DisputeState.WITHDRAWN,
    (DisputeState.OPEN, DisputeAction.ACCEPT): DisputeState.DECIDED,
    (DisputeState.OPEN, DisputeAction.DECIDE): DisputeState.DECIDED,
}
