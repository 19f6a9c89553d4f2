"""Rolling signals up into days, and orders into sales."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from analytics.metrics.models import OrderFact, RollUpPosition
from analytics.metrics.rules import LineFact, business_day, line_facts
from core import signals
from core.database import stable_horizon
from core.events.marketplace import OrderLine
from core.money import Money
from core.statements import insert

BATCH: Final = 10_000
MAX_BATCHES: Final = 100
_POSITION: Final = "signals"

# The end of the batch is found first, so that grouping reads exactly the rows the position moves over.
_BATCH_END = """
SELECT xid::text, id FROM (
    SELECT xid, id FROM analytics_signal
     WHERE (xid, id) > (%(xid)s::xid8, %(id)s) AND xid < %(horizon)s::xid8
     ORDER BY xid, id LIMIT %(limit)s) AS batch
 ORDER BY xid DESC, id DESC LIMIT 1
"""
_ROLL_UP = """
WITH batch AS (
    SELECT name, listing_id, seller_id, (occurred_at AT TIME ZONE %(zone)s)::date AS day FROM analytics_signal
     WHERE (xid, id) > (%(xid)s::xid8, %(id)s) AND (xid, id) <= (%(end_xid)s::xid8, %(end_id)s)
       AND listing_id IS NOT NULL AND seller_id IS NOT NULL),
dirty AS (
    INSERT INTO analytics_dirtylisting (listing_id) SELECT DISTINCT listing_id FROM batch ORDER BY 1
    ON CONFLICT DO NOTHING),
subjects AS (
    SELECT 'LISTING' AS scope, listing_id AS subject_id, seller_id, day, name FROM batch
    UNION ALL SELECT 'SELLER', seller_id, seller_id, day, name FROM batch)
INSERT INTO analytics_behaviourday AS d
       (scope, subject_id, seller_id, day, impressions, clicks, views, cart_adds)
SELECT scope, subject_id, min(seller_id::text)::uuid, day,
       count(*) FILTER (WHERE name = %(impression)s), count(*) FILTER (WHERE name = %(clicked)s),
       count(*) FILTER (WHERE name = %(viewed)s), count(*) FILTER (WHERE name = %(added)s)
  FROM subjects GROUP BY scope, subject_id, day ORDER BY scope, subject_id, day
ON CONFLICT (scope, subject_id, day) DO UPDATE SET
       impressions = d.impressions + excluded.impressions, clicks = d.clicks + excluded.clicks,
       views = d.views + excluded.views, cart_adds = d.cart_adds + excluded.cart_adds
"""
_ADD_SALES = """
INSERT INTO analytics_salesday AS d (scope, subject_id, seller_id, day, currency, orders, units, revenue_minor)
SELECT s, i, %s, %s, %s, o, u, r FROM unnest(%s::text[], %s::uuid[], %s::int[], %s::int[], %s::bigint[])
    AS rows(s, i, o, u, r) ORDER BY s, i
ON CONFLICT (scope, subject_id, day, currency) DO UPDATE SET
    orders = d.orders + excluded.orders, units = d.units + excluded.units,
    revenue_minor = d.revenue_minor + excluded.revenue_minor
"""
_TAKE_SALES = """
UPDATE analytics_salesday AS d SET orders = d.orders - o, units = d.units - u, revenue_minor = d.revenue_minor - r
  FROM unnest(%s::text[], %s::uuid[], %s::int[], %s::int[], %s::bigint[]) AS rows(s, i, o, u, r)
 WHERE d.scope = s AND d.subject_id = i AND d.day = %s AND d.currency = %s
"""


def roll_up(*, now: datetime) -> int:
    """Add new signals to their days, each exactly once, in bounded batches; returns how many batches had rows.

    Follows by transaction-id snapshot: a row of a transaction that is still open is not passed over. Locks the
    position, so that concurrent runs queue up.
    """
    for done in range(MAX_BATCHES):
        if not _roll_up_batch(now=now):
            return done
    return MAX_BATCHES


def record_paid_order(
    *, order_id: UUID, seller_id: UUID, total: Money, lines: Sequence[OrderLine], paid_at: datetime
) -> bool:
    """Add a paid order to its day. False when the order is known already: nothing is counted twice."""
    facts, day = line_facts(lines), business_day(paid_at, settings.TIME_ZONE)
    with transaction.atomic():
        fact = OrderFact(
            order_id=order_id, seller_id=seller_id, day=day, currency=total.currency, total_minor=total.minor,
            lines=[[str(f.listing_id), f.units, f.revenue_minor] for f in facts],
        )  # fmt: skip
        is_new = bool(insert(fact, unless_there=True))
        if is_new:
            columns = _columns(seller_id, total.minor, facts)
            with connection.cursor() as cursor:
                cursor.execute(_ADD_SALES, [seller_id, day, total.currency, *columns])
            mark_dirty(listing_ids=[f.listing_id for f in facts])
    return is_new


def record_cancelled_order(*, order_id: UUID, seller_id: UUID, cancelled_at: datetime) -> bool:
    """Take a paid order off its day again, once. A cancellation that comes first is remembered."""
    with transaction.atomic():
        OrderFact.objects.get_or_create(
            order_id=order_id,
            defaults={"seller_id": seller_id, "day": business_day(cancelled_at, settings.TIME_ZONE)},
        )
        row = OrderFact.objects.select_for_update().get(order_id=order_id)
        if row.is_cancelled:
            return False
        row.is_cancelled = True
        row.save(update_fields=["is_cancelled"])
        if row.currency:
            _take_off(row)
    return True


def mark_dirty(*, listing_ids: Iterable[UUID]) -> None:
    """Have the figures of these listings computed again soon."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO analytics_dirtylisting (listing_id) SELECT DISTINCT unnest(%s::uuid[]) ORDER BY 1"
            " ON CONFLICT DO NOTHING",
            [list(listing_ids)],
        )


def claim_dirty(*, limit: int) -> list[UUID]:
    """Take up to `limit` changed listings off the list; they come back if the caller's transaction fails."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM analytics_dirtylisting WHERE listing_id IN (SELECT listing_id FROM analytics_dirtylisting"
            " ORDER BY listing_id LIMIT %s FOR UPDATE SKIP LOCKED) RETURNING listing_id",
            [limit],
        )
        return sorted(row[0] for row in cursor.fetchall())


def _roll_up_batch(*, now: datetime) -> bool:
    with transaction.atomic(), connection.cursor() as cursor:
        position = _lock_position()
        where: dict[str, str | int] = {"xid": str(position.last_xid), "id": position.last_id, "horizon": str(stable_horizon()),
                 "limit": BATCH}  # fmt: skip
        cursor.execute(_BATCH_END, where)
        end = cursor.fetchone()
        if end is None:
            return False
        cursor.execute(_ROLL_UP, {
            **where, "end_xid": end[0], "end_id": end[1], "zone": settings.TIME_ZONE,
            "impression": signals.IMPRESSION, "clicked": signals.CLICKED, "viewed": signals.VIEWED,
            "added": signals.ADDED_TO_CART,
        })  # fmt: skip
        cursor.execute(
            "UPDATE analytics_rollupposition SET last_xid = %s::xid8, last_id = %s, rolled_up_at = %s WHERE name = %s",
            [end[0], end[1], now, _POSITION],
        )
    return True


def _lock_position() -> RollUpPosition:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO analytics_rollupposition (name, last_xid, last_id) VALUES (%s, '0'::xid8, 0)"
            " ON CONFLICT DO NOTHING",
            [_POSITION],
        )
    return RollUpPosition.objects.select_for_update().get(name=_POSITION)


def _take_off(row: OrderFact) -> None:
    facts = [LineFact(UUID(i), units, minor) for i, units, minor in row.lines]
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_SALES, [*_columns(row.seller_id, row.total_minor, facts), row.day, row.currency])
    mark_dirty(listing_ids=[f.listing_id for f in facts])


def _columns(seller_id: UUID, total_minor: int, facts: Sequence[LineFact]) -> list[list[object]]:
    """Columns of the rows an order changes: one for each listing, one for the seller (goods and shipping)."""
    rows: list[tuple[object, ...]] = [("LISTING", f.listing_id, 1, f.units, f.revenue_minor) for f in facts]
    rows.append(("SELLER", seller_id, 1, sum(f.units for f in facts), total_minor))
    return [list(column) for column in zip(*rows, strict=True)]
