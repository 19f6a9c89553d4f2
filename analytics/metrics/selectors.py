"""Reads of the daily figures."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet, Sum

from analytics.contracts import Behaviour
from analytics.metrics.models import BehaviourDay, SalesDay, Scope

_COUNTS = ("impressions", "clicks", "views", "cart_adds")


def behaviour_of_listings(listing_ids: Collection[UUID], *, since: date) -> dict[UUID, Behaviour]:
    """Listing id -> sums from a day on; listings nobody saw are left out."""
    return _behaviour(BehaviourDay.objects.filter(scope=Scope.LISTING, subject_id__in=listing_ids, day__gte=since))


def sales_of_listings(listing_ids: Collection[UUID], *, since: date) -> dict[UUID, tuple[int, int]]:
    """Listing id -> (orders, pieces) from a day on; unsold ones are left out."""
    return _sales(SalesDay.objects.filter(scope=Scope.LISTING, subject_id__in=listing_ids, day__gte=since))


def seller_behaviour_by_day(seller_id: UUID, *, since: date) -> dict[date, Behaviour]:
    rows = BehaviourDay.objects.filter(scope=Scope.SELLER, subject_id=seller_id, day__gte=since)
    return {row["day"]: Behaviour(*(row[n] for n in _COUNTS)) for row in rows.values("day", *_COUNTS)}


def seller_sales_by_day(seller_id: UUID, *, since: date) -> list[SalesDay]:
    """A seller's rows in all currencies, oldest first."""
    return list(SalesDay.objects.filter(scope=Scope.SELLER, subject_id=seller_id, day__gte=since).order_by("day"))


def list_top_listings(seller_id: UUID, *, since: date, limit: int) -> list[tuple[UUID, Behaviour, tuple[int, int]]]:
    """The seller's best selling, then most viewed listings with their behaviour and (orders, pieces); one query."""
    asked = (seller_id, Scope.LISTING.value, since)
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH sold AS (SELECT subject_id, sum(orders)::int AS orders, sum(units)::int AS units"
            "  FROM analytics_salesday WHERE seller_id = %s AND scope = %s AND day >= %s GROUP BY 1),"
            " seen AS (SELECT subject_id, sum(impressions)::int AS impressions, sum(clicks)::int AS clicks,"
            "  sum(views)::int AS views, sum(cart_adds)::int AS cart_adds"
            "  FROM analytics_behaviourday WHERE seller_id = %s AND scope = %s AND day >= %s GROUP BY 1)"
            " SELECT subject_id, coalesce(impressions, 0), coalesce(clicks, 0), coalesce(views, 0),"
            "  coalesce(cart_adds, 0), coalesce(orders, 0), coalesce(units, 0)"
            " FROM sold FULL JOIN seen USING (subject_id) ORDER BY 7 DESC, 4 DESC, subject_id LIMIT %s",
            [*asked, *asked, limit],
        )
        return [(row[0], Behaviour(*row[1:5]), (row[5], row[6])) for row in cursor.fetchall()]


def listing_totals_of(seller_id: UUID, *, since: date) -> QuerySet[BehaviourDay, Any]:
    """One row for each listing of the seller that was seen: sums of behaviour, for paging by `subject_id`."""
    return _summed(BehaviourDay.objects.filter(seller_id=seller_id, scope=Scope.LISTING, day__gte=since))


def house_sales_by_day(*, since: date, currency: str) -> list[tuple[date, int, int]]:
    """(day, orders, minor units) of all sellers in one currency, oldest first."""
    rows = SalesDay.objects.filter(scope=Scope.SELLER, day__gte=since, currency=currency).order_by("day")
    return [(r["day"], r["o"], r["m"]) for r in rows.values("day").annotate(o=Sum("orders"), m=Sum("revenue_minor"))]


def _behaviour(rows: QuerySet[BehaviourDay]) -> dict[UUID, Behaviour]:
    return {row["subject_id"]: Behaviour(*(row[f"{name}_sum"] for name in _COUNTS)) for row in _summed(rows)}


def _summed(rows: QuerySet[BehaviourDay]) -> QuerySet[BehaviourDay, Any]:
    return rows.order_by().values("subject_id").annotate(**{f"{name}_sum": Sum(name) for name in _COUNTS})


def _sales(rows: QuerySet[SalesDay]) -> dict[UUID, tuple[int, int]]:
    sums = rows.order_by().values("subject_id").annotate(o=Sum("orders"), u=Sum("units"))
    return {row["subject_id"]: (row["o"], row["u"]) for row in sums}
