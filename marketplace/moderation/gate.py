"""Implements the catalogue's port Moderation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from core.actor import Actor
from marketplace.moderation import selectors, services
from marketplace.moderation.selectors import RulesInForce
from marketplace.screening import Finding, ReviewNotice


class Gate:
    def screening(self, seller_id: UUID) -> RulesInForce:
        return RulesInForce(seller_id)

    def hold(self, held: Mapping[UUID, Sequence[Finding]], *, seller_id: UUID, actor: Actor, now: datetime) -> None:
        services.hold_listings(held=held, seller_id=seller_id, actor=actor, now=now)

    def take_back(self, listing_ids: Sequence[UUID], *, actor: Actor, now: datetime) -> None:
        services.take_back(listing_ids=listing_ids, actor=actor, now=now)

    def notice_of(self, listing_id: UUID) -> ReviewNotice | None:
        return selectors.notice_of(listing_id)
