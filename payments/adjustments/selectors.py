"""Reads of adjustments."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from core.errors import NotFound
from payments.adjustments.models import Adjustment, AdjustmentPolicy
from payments.adjustments.states import AdjustmentState


def lock_adjustment(adjustment_id: UUID) -> Adjustment:
    """Raises NotFound."""
    adjustment = Adjustment.objects.select_for_update().filter(id=adjustment_id).first()
    if adjustment is None:
        raise NotFound("There is no such adjustment.")
    return adjustment


def posted_adjustments(seller_id: UUID) -> QuerySet[Adjustment]:
    """What a seller sees: the ones that moved money, newest first."""
    return Adjustment.objects.filter(seller_id=seller_id, state=AdjustmentState.POSTED.value)


def approval_limit(currency: str) -> int:
    """Minor units above which a second person must approve; without a policy every adjustment needs one."""
    limit = AdjustmentPolicy.objects.filter(currency=currency).values_list("approval_above_minor", flat=True).first()
    return 0 if limit is None else int(limit)


def count_waiting() -> int:
    return Adjustment.objects.filter(state=AdjustmentState.REQUESTED.value).count()
