"""Reads of saved methods."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection

from core.actor import Actor
from payments.contracts import SavedMethodNotFound
from payments.wallet.models import SavedMethod
from payments.wallet.rules import SavedMethodView, brand_name, has_expired

MAX_METHODS = 20


def view_of(row: SavedMethod, *, now: datetime) -> SavedMethodView:
    return SavedMethodView(
        method_id=row.id, brand=brand_name(row.brand), last4=row.last4, exp_month=row.exp_month, exp_year=row.exp_year,
        label=row.label, is_default=row.is_default, expired=has_expired(row.exp_month, row.exp_year, now),
        kept_at=row.kept_at, last_used_at=row.last_used_at,
    )  # fmt: skip


def list_methods(buyer_id: UUID, *, now: datetime) -> list[SavedMethodView]:
    """A buyer's wallet, the default first, in one query."""
    rows = SavedMethod.objects.filter(buyer_id=buyer_id, forgotten_at=None)[:MAX_METHODS]
    return [view_of(row, now=now) for row in rows]


def get_method_for(method_id: UUID, actor: Actor, *, now: datetime) -> SavedMethodView:
    """For its buyer alone. Raises SavedMethodNotFound."""
    row = SavedMethod.objects.filter(id=method_id, forgotten_at=None).first()
    if row is None or not actor.acts_for(row.buyer_id):
        raise SavedMethodNotFound()
    return view_of(row, now=now)


def lock_methods(buyer_id: UUID) -> list[SavedMethod]:
    """All of a wallet; an empty one is locked too (until the transaction ends), so that two first cards are one default."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 54))", [str(buyer_id)])
    return list(SavedMethod.objects.select_for_update().filter(buyer_id=buyer_id, forgotten_at=None).order_by("id"))
