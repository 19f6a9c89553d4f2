"""What analytics tells others. Plain Python."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from core.money import Money


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How often something was shown, clicked, opened and put into a cart."""

    impressions: int = 0
    clicks: int = 0
    views: int = 0
    cart_adds: int = 0


@dataclass(frozen=True, slots=True)
class DayFigures:
    """One day of a seller: behaviour and paid orders, cancelled ones taken off."""

    day: date
    behaviour: Behaviour
    orders: int
    units: int
    revenue: Money


@dataclass(frozen=True, slots=True)
class ListingFigures:
    """A listing over a period. `conversion_bp` is orders per view in basis points, None without views."""

    listing_id: UUID
    title: str
    behaviour: Behaviour
    orders: int
    units: int

    @property
    def conversion_bp(self) -> int | None:
        return round(self.orders * 10_000 / self.behaviour.views) if self.behaviour.views else None

    @property
    def conversion_share(self) -> float | None:
        """`conversion_bp` in per cent."""
        return None if self.conversion_bp is None else self.conversion_bp / 100


@dataclass(frozen=True, slots=True)
class Overview:
    """A seller's figures over the last `days` days, oldest day first, no day missing."""

    seller_id: UUID
    since: date
    until: date
    days: tuple[DayFigures, ...]
    behaviour: Behaviour
    orders: int
    units: int
    revenue: Money
