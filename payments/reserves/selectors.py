"""Reads of reserves and of what sellers owe."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from payments.reserves.models import ReserveHold
from payments.reserves.rules import SellerPosition

MAX_LIST = 200


def lock_position(seller_id: UUID, currency: str) -> SellerPosition:
    """The seller's balances with the payable account locked: credits and claims of a seller come one by one.

    Several sellers in one transaction are locked in order of id.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM payments_seller_position(%s, %s)", [str(seller_id), currency])
        payable, reserve, debt, basis_points, days, debt_limit = cursor.fetchone()
    return SellerPosition(str(seller_id), currency, payable, reserve, debt, basis_points or 0, days or 0, debt_limit)


def lock_positions(sellers: Iterable[tuple[UUID, str]]) -> dict[tuple[UUID, str], SellerPosition]:
    """`lock_position` of several (seller, currency) in one query, in order of id."""
    wanted = sorted({(str(seller_id), currency) for seller_id, currency in sellers})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT w.seller, w.currency, p.* FROM (SELECT * FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY"
            " AS u(seller, currency, place) ORDER BY place) w"
            " CROSS JOIN LATERAL payments_seller_position(w.seller, w.currency) p",
            [[seller for seller, _ in wanted], [currency for _, currency in wanted]],
        )
        rows = cursor.fetchall()
    return {
        (UUID(seller), currency): SellerPosition(
            seller, currency, payable, reserve, debt, points or 0, days or 0, limit
        )
        for seller, currency, payable, reserve, debt, points, days, limit in rows
    }


def list_open_holds(seller_id: UUID, limit: int = 50) -> list[ReserveHold]:
    """What is kept back and when it comes, the next first."""
    return list(ReserveHold.objects.filter(seller_id=seller_id, released_at=None)[: min(limit, MAX_LIST)])


def holds_of(seller_id: UUID) -> QuerySet[ReserveHold]:
    """For paging: open holds of a seller."""
    return ReserveHold.objects.filter(seller_id=seller_id, released_at=None)


def lock_open_holds(seller_id: UUID, currency: str) -> list[ReserveHold]:
    """Locked, the oldest first. The caller holds the seller's position."""
    return list(
        ReserveHold.objects.select_for_update()
        .filter(seller_id=seller_id, currency=currency, released_at=None)
        .order_by("release_at", "id")
    )


def list_due_holds(now: datetime, limit: int) -> list[tuple[UUID, UUID, str]]:
    """(hold, seller, currency) whose day has come."""
    due = ReserveHold.objects.filter(released_at=None, release_at__lte=now).order_by("release_at", "id")
    return list(due.values_list("id", "seller_id", "currency")[:limit])


def list_sellers_to_net(limit: int) -> list[tuple[UUID, str]]:
    """Sellers who owe and have money available at the same time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.owner, d.currency FROM payments_account d JOIN payments_balance db ON db.account_id = d.id"
            " JOIN payments_account p ON p.kind = 'SELLER_PAYABLE' AND p.owner = d.owner AND p.currency = d.currency"
            " JOIN payments_balance pb ON pb.account_id = p.id"
            " WHERE d.kind = 'SELLER_DEBT' AND db.posted > 0 AND pb.posted < 0 ORDER BY d.id LIMIT %s",
            [limit],
        )
        return [(UUID(owner), currency) for owner, currency in cursor.fetchall()]
