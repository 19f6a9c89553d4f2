"""The life of a manifest as a table. What is closed stays closed."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class ManifestState(StrEnum):
    """OPEN: printed, the parcels still stand at the seller's. CLOSED: handed over with one scan."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"
    CANCELLED = "CANCELLED"


class ManifestAction(StrEnum):
    CLOSE = "CLOSE"
    CANCEL = "CANCEL"


S, A = ManifestState, ManifestAction
TRANSITIONS: Final[dict[tuple[ManifestState, ManifestAction], ManifestState]] = {
    (S.OPEN, A.CLOSE): S.CLOSED,
    (S.OPEN, A.CANCEL): S.CANCELLED,
}
