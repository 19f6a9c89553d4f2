"""Writes of batches: starting one, and going through its rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from core.actor import Actor, ActorKind
from core.errors import DomainError, InvalidInput
from logistics import facade as logistics
from marketplace.batches.models import BatchRow, OrderBatch
from marketplace.contracts import OrderNotFound
from marketplace.orders import services as orders
from marketplace.orders.models import Order
from marketplace.orders.parcels import hand_over_parcel, list_parcels

MAX_ORDERS = 100
Results = BatchRow.Results


def start_batch(*, action: str, order_ids: Sequence[UUID], actor: Actor, now: datetime) -> OrderBatch:
    """Have something done to own orders; a worker does it, each with a result of its own.

    Raises InvalidInput (no orders, too many, an unknown action), OrderNotFound when one is not the actor's sale.
    """
    chosen = sorted(set(order_ids))
    if action not in OrderBatch.Actions.values:
        raise InvalidInput("There is no such action.", field="action")
    if not 0 < len(chosen) <= MAX_ORDERS:
        raise InvalidInput("Choose orders, at most 100 at a time.", field="orders")
    with transaction.atomic():
        if Order.objects.filter(id__in=chosen, seller_id=actor.organisation_id).count() != len(chosen):
            raise OrderNotFound()
        batch = OrderBatch.objects.create(
            seller_id=actor.organisation_id, action=action, user_id=actor.user_id, created_at=now
        )
        BatchRow.objects.bulk_create(BatchRow(batch=batch, order_id=order_id) for order_id in chosen)
    return batch


def run_batch(*, batch_id: UUID, now: datetime) -> int:
    """Go through the rows that wait; returns how many. Carriers are called, so that it runs outside of transactions.

    What it does to an order is safe to repeat: a worker that dies in between, or a second one, does no harm.
    """
    batch = OrderBatch.objects.get(id=batch_id)
    actor = Actor(ActorKind.MEMBER, user_id=batch.user_id, organisation_id=batch.seller_id)
    rows = list(batch.rows.filter(result=Results.WAITING))
    for row in rows:
        try:
            row.note = _act(batch.action, row.order_id, actor=actor, now=now)
            row.result = Results.DONE
        except DomainError as error:
            row.note, row.result = error.message[:300], Results.REFUSED
        row.save(update_fields=["note", "result"])
    OrderBatch.objects.filter(id=batch_id, finished_at=None).update(finished_at=now)
    return len(rows)


def _act(action: str, order_id: UUID, *, actor: Actor, now: datetime) -> str:
    """One row; the number of the parcel. Raises what the order's own services raise."""
    if action == OrderBatch.Actions.LABELS:
        shipment_id = orders.book_shipment(order_id=order_id, actor=actor, now=now)
        return logistics.get_shipment(shipment_id).tracking_number
    waiting = [row for row in list_parcels(order_id) if row["parcel"].shipped_at is None]
    if not waiting:
        orders.hand_over(order_id=order_id, actor=actor, now=now)
        shipment = logistics.find_shipment_for_order(order_id)
        return shipment.tracking_number if shipment else ""
    for row in waiting:
        hand_over_parcel(order_id=order_id, parcel_id=row["parcel"].id, actor=actor, now=now)
    return ", ".join(row["shipment"].tracking_number for row in waiting)
