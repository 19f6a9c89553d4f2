"""The life of a listing."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class ListingState(StrEnum):
    DRAFT = "DRAFT"
    PUBLISHED = "PUBLISHED"
    WITHDRAWN = "WITHDRAWN"
    BLOCKED = "BLOCKED"


class ListingAction(StrEnum):
    PUBLISH = "PUBLISH"
    WITHDRAW = "WITHDRAW"
    BLOCK = "BLOCK"
    UNBLOCK = "UNBLOCK"


TRANSITIONS: Final[dict[tuple[ListingState, ListingAction], ListingState]] = {
    (ListingState.DRAFT, ListingAction.PUBLISH): ListingState.PUBLISHED,
    (ListingState.WITHDRAWN, ListingAction.PUBLISH): ListingState.PUBLISHED,
    (ListingState.PUBLISHED, ListingAction.WITHDRAW): ListingState.WITHDRAWN,
    (ListingState.PUBLISHED, ListingAction.BLOCK): ListingState.BLOCKED,
    (ListingState.WITHDRAWN, ListingAction.BLOCK): ListingState.BLOCKED,
    (ListingState.BLOCKED, ListingAction.UNBLOCK): ListingState.WITHDRAWN,
}
