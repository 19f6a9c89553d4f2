"""Figures from facts: which day something belongs to and what an order adds to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from core.events.marketplace import OrderLine


@dataclass(frozen=True, slots=True)
class LineFact:
    listing_id: UUID
    units: int
    revenue_minor: int


def business_day(moment: datetime, zone: str) -> date:
    """The day of a moment where the marketplace keeps its books."""
    return moment.astimezone(ZoneInfo(zone)).date()


def line_facts(lines: Sequence[OrderLine]) -> list[LineFact]:
    """One fact for each listing of an order, in listing order (so that concurrent orders lock alike)."""
    facts: dict[UUID, LineFact] = {}
    for line in lines:
        known = facts.get(line.listing_id, LineFact(line.listing_id, 0, 0))
        facts[line.listing_id] = LineFact(
            line.listing_id, known.units + line.quantity, known.revenue_minor + line.quantity * line.unit_price.minor
        )
    return [facts[key] for key in sorted(facts)]
