"""The second door of the marketplace: what sellers and the operator keep behind the counter. No logic here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from core.actor import Actor
from core.money import Money
from marketplace.contracts import Place, PromotionInput
from marketplace.promotions import services as promotions
from marketplace.stock import services as stock


def add_location(*, label: str, address: Place, handling_days: int, actor: Actor, now: datetime) -> UUID:
    """Another place where a shop keeps goods; returns it. Raises NotAllowed, NotFound, InvalidInput."""
    return stock.add_location(
        label=label, address=address, handling_days=handling_days, actor=actor, now=now
    ).id  # fmt: skip


def adjust_stock(
    *, listing_id: UUID, location_id: UUID | None, delta: int, reason: str, actor: Actor, now: datetime
) -> None:  # fmt: skip
    """Correct how many pieces are at a place. Raises ListingNotFound, NotFound, InvalidInput, NotEnoughStock."""
    stock.adjust_stock(listing_id=listing_id, location_id=location_id, delta=delta, reason=reason, actor=actor, now=now)


def create_platform_code(
    *, promotion: PromotionInput, currency: str, budget: Money, categories: Sequence[str], actor: Actor, now: datetime
) -> None:
    """A code the platform pays for. Raises NotAllowed, InvalidInput."""
    promotions.create_platform_code(
        promotion=promotion, currency=currency, budget=budget, categories=categories, actor=actor, now=now
    )
