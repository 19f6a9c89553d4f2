"""Port of the catalogue: who judges what goes on sale. moderation implements it; the app plugs it in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from core.actor import Actor
from marketplace.screening import Finding, Goods, ReviewNotice


class Screening(Protocol):
    """The rules in force and what one shop has been allowed, read once for any number of listings."""

    def findings(self, goods: Goods, *, listing_id: UUID | None = None) -> tuple[Finding, ...]:
        """The rules that fit and are not cleared, the gravest first."""


class Moderation(Protocol):
    def screening(self, seller_id: UUID) -> Screening: ...

    def hold(self, held: Mapping[UUID, Sequence[Finding]], *, seller_id: UUID, actor: Actor, now: datetime) -> None:
        """Open a case for each listing, in the caller's transaction."""

    def take_back(self, listing_ids: Sequence[UUID], *, actor: Actor, now: datetime) -> None:
        """Their seller does not want them judged any more; joins the caller's transaction."""

    def notice_of(self, listing_id: UUID) -> ReviewNotice | None:
        """How the last check of a listing stands."""


_moderation: Moderation


def plug_moderation(moderation: Moderation) -> None:
    """Called when the app is ready."""
    global _moderation
    _moderation = moderation


def moderation() -> Moderation:
    return _moderation
