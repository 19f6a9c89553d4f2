"""Reads of batches."""

from __future__ import annotations

from uuid import UUID

from core.actor import Actor
from core.errors import NotFound
from marketplace.batches.models import BatchRow, OrderBatch


class BatchNotFound(NotFound):
    message = "There is no such batch."


def get_own_batch(*, batch_id: UUID, actor: Actor) -> OrderBatch:
    """A batch of the actor's shop. Raises BatchNotFound."""
    found = OrderBatch.objects.filter(id=batch_id, seller_id=actor.organisation_id).first()
    if found is None:
        raise BatchNotFound()
    return found


def rows_of(batch_id: UUID) -> list[BatchRow]:
    """The rows with their orders; one query."""
    return list(BatchRow.objects.filter(batch_id=batch_id).select_related("order__buyer"))


def waiting_batches(*, limit: int = 20) -> list[UUID]:
    """Batches that are not finished, the oldest first."""
    found = OrderBatch.objects.filter(finished_at=None).order_by("created_at", "id")
    return list(found.values_list("id", flat=True)[:limit])
