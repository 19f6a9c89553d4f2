"""The life of a listing."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class ListingState(StrEnum):
    DRAFT = "DRAFT"
    PUBLISHED = "PUBLISHED"
    WITHDRAWN = "WITHDRAWN"
    BLOCKED = "BLOCKED"
    HELD = "HELD"
    """Waits for a person's look before it goes on sale."""


class ListingAction(StrEnum):
    PUBLISH = "PUBLISH"
    WITHDRAW = "WITHDRAW"
    BLOCK = "BLOCK"
    UNBLOCK = "UNBLOCK"
    HOLD = "HOLD"
    APPROVE = "APPROVE"
    REFUSE = "REFUSE"


TRANSITIONS: Final[dict[tuple[ListingState, ListingAction], ListingState]] = {
    (ListingState.DRAFT, ListingAction.PUBLISH): ListingState.PUBLISHED,
    (ListingState.WITHDRAWN, ListingAction.PUBLISH): ListingState.PUBLISHED,
    (ListingState.PUBLISHED, ListingAction.WITHDRAW): ListingState.WITHDRAWN,
    (ListingState.PUBLISHED, ListingAction.BLOCK): ListingState.BLOCKED,
    (ListingState.WITHDRAWN, ListingAction.BLOCK): ListingState.BLOCKED,
    (ListingState.BLOCKED, ListingAction.UNBLOCK): ListingState.WITHDRAWN,
    (ListingState.DRAFT, ListingAction.HOLD): ListingState.HELD,
    (ListingState.WITHDRAWN, ListingAction.HOLD): ListingState.HELD,
    (ListingState.PUBLISHED, ListingAction.HOLD): ListingState.HELD,
    (ListingState.HELD, ListingAction.APPROVE): ListingState.PUBLISHED,
    (ListingState.HELD, ListingAction.REFUSE): ListingState.WITHDRAWN,
    (ListingState.HELD, ListingAction.WITHDRAW): ListingState.WITHDRAWN,
}
