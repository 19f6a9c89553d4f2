"""Reads of remedies."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from marketplace.remedies.models import PromiseRemedy
from marketplace.remedies.states import RemedyState


def find_remedy(order_id: UUID) -> PromiseRemedy | None:
    """What the buyer of an order gets for a broken promise. The caller checks who asks."""
    return PromiseRemedy.objects.filter(order_id=order_id).first()


def lock_remedy(order_id: UUID) -> PromiseRemedy | None:
    return PromiseRemedy.objects.select_for_update().filter(order_id=order_id).first()


def list_due_orders(*, now: datetime, limit: int) -> list[UUID]:
    """Orders whose remedy waits and may be tried again."""
    due = PromiseRemedy.objects.filter(state=RemedyState.DUE, due_at__lte=now).order_by("due_at", "id")
    return list(due.values_list("order_id", flat=True)[:limit])
