"""What sellers and operators see, put together from the daily figures and other doors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from analytics.contracts import Behaviour, DayFigures, ListingFigures, Overview
from analytics.metrics.models import SalesDay
from analytics.metrics.rules import business_day
from analytics.metrics.selectors import (
    behaviour_of_listings,
    house_sales_by_day,
    list_top_listings,
    listing_totals_of,
    sales_of_listings,
    seller_behaviour_by_day,
    seller_sales_by_day,
)
from core.models import Delivery
from core.money import Money
from marketplace import facade as marketplace
from payments import facade as payments

PERIODS: Final = (7, 30, 90)
TOP: Final = 10
HOUSE_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class HouseFigures:
    """The whole marketplace at a glance, in the base currency."""

    sales: tuple[tuple[date, int, Money], ...]
    revenue: Money
    orders: int
    orders_by_state: tuple[tuple[str, int], ...]
    disputed: int
    to_verify: int
    parked: int
    held: Money


def get_overview(*, seller_id: UUID, days: int, now: datetime) -> Overview:
    """A seller's figures of the last `days` business days in the currency most of them are in; two queries."""
    until = business_day(now, settings.TIME_ZONE)
    since = until - timedelta(days=days - 1)
    behaviour = seller_behaviour_by_day(seller_id, since=since)
    rows = seller_sales_by_day(seller_id, since=since)
    currency = _main_currency(rows)
    sales = {row.day: row for row in rows if row.currency == currency}
    figures = tuple(
        _day(since + timedelta(days=n), behaviour, sales.get(since + timedelta(days=n)), currency) for n in range(days)
    )
    return Overview(
        seller_id=seller_id, since=since, until=until, days=figures, behaviour=_sum([f.behaviour for f in figures]),
        orders=sum(f.orders for f in figures), units=sum(f.units for f in figures),
        revenue=Money(sum(f.revenue.minor for f in figures), currency),
    )  # fmt: skip


def first_day(days: int, now: datetime) -> date:
    """The first of `days` business days that end today."""
    return business_day(now, settings.TIME_ZONE) - timedelta(days=days - 1)


def seen_listings(seller_id: UUID, *, since: date) -> QuerySet[Any, Any]:
    """Rows with `subject_id` of the seller's listings that were seen, for paging."""
    return listing_totals_of(seller_id, since=since)


def list_top_figures(*, seller_id: UUID, days: int, now: datetime) -> list[ListingFigures]:
    """The seller's best listings of a period: sold, then seen; two queries."""
    top = list_top_listings(seller_id, since=first_day(days, now), limit=TOP)
    titles = marketplace.list_listing_titles([listing_id for listing_id, _seen, _sold in top])
    return [ListingFigures(i, titles[i], seen, *sold) for i, seen, sold in top if i in titles]


def list_figures(listing_ids: list[UUID], *, since: date) -> list[ListingFigures]:
    """Figures of these listings from a day on, in the given order; three queries."""
    if not listing_ids:
        return []
    titles = marketplace.list_listing_titles(listing_ids)
    seen, sold = behaviour_of_listings(listing_ids, since=since), sales_of_listings(listing_ids, since=since)
    return [
        ListingFigures(i, titles[i], seen.get(i, Behaviour()), *sold.get(i, (0, 0))) for i in listing_ids if i in titles
    ]


def get_house_figures(*, now: datetime) -> HouseFigures:
    """What an operator sees first; a fixed number of queries."""
    currency = str(settings.LONJA["BASE_CURRENCY"])
    until = business_day(now, settings.TIME_ZONE)
    since = until - timedelta(days=HOUSE_DAYS - 1)
    booked = {day: (orders, minor) for day, orders, minor in house_sales_by_day(since=since, currency=currency)}
    days = [since + timedelta(days=n) for n in range(HOUSE_DAYS)]
    sales = tuple((d, booked.get(d, (0, 0))[0], Money(booked.get(d, (0, 0))[1], currency)) for d in days)
    states = marketplace.count_all_orders_by_state()
    return HouseFigures(
        sales=sales, revenue=Money(sum(m.minor for _, _, m in sales), currency), orders=sum(n for _, n, _ in sales),
        orders_by_state=tuple(sorted(states.items())), disputed=states.get("DISPUTED", 0),
        to_verify=marketplace.count_submitted_sellers(),
        parked=Delivery.objects.filter(parked_at__isnull=False).count(), held=payments.total_held(currency),
    )  # fmt: skip


def _main_currency(rows: list[SalesDay]) -> str:
    totals: dict[str, int] = {}
    for row in rows:
        totals[row.currency] = totals.get(row.currency, 0) + row.orders
    return max(sorted(totals), key=lambda c: totals[c]) if totals else str(settings.LONJA["BASE_CURRENCY"])


def _day(day: date, behaviour: dict[date, Behaviour], sold: SalesDay | None, currency: str) -> DayFigures:
    return DayFigures(
        day=day, behaviour=behaviour.get(day, Behaviour()), orders=sold.orders if sold else 0,
        units=sold.units if sold else 0, revenue=Money(sold.revenue_minor if sold else 0, currency),
    )  # fmt: skip


def _sum(parts: list[Behaviour]) -> Behaviour:
    return Behaviour(
        impressions=sum(p.impressions for p in parts), clicks=sum(p.clicks for p in parts),
        views=sum(p.views for p in parts), cart_adds=sum(p.cart_adds for p in parts),
    )  # fmt: skip
