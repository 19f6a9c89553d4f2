"""Following what carriers tell, thousands of parcels at a time: plain values instead of model instances."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, TypedDict
from uuid import UUID

from django.db import connection

from core.actor import Actor
from core.events import Event
from core.events.logistics import ParcelDelivered, ParcelHandedOver, ParcelLost, PromiseBroken, TrackingUpdated
from core.outbox.services import publish_all
from core.statements import insert_rows, update_rows
from core.states import next_state
from logistics.contracts import ShipmentState, TrackingStatus
from logistics.promises.selectors import refund_share_bps
from logistics.shipments.models import Shipment, ShipmentTransition
from logistics.shipments.rules import days_late, is_promise_kept, liable_for_delay
from logistics.shipments.states import TRANSITIONS, ShipmentAction, actions_between

A, S = ShipmentAction, ShipmentState


@dataclass(slots=True)
class Moving:
    """A locked shipment as far as carriers' news can change it or must know it."""

    id: UUID
    order_id: UUID
    purpose: str
    seller_id: UUID
    buyer_id: UUID
    carrier_id: str
    service_id: str
    state: str
    tracking_status: str
    waybill: str
    destination_country: str
    destination_time_zone: str
    confirmed_at: datetime | None
    handover_declared_at: datetime | None
    handed_over_at: datetime | None
    delivered_at: datetime | None
    lost_at: datetime | None
    delivery_told_at: datetime | None
    kept_promise: bool | None
    call_due_at: datetime | None
    latest_date: date
    ship_by: datetime
    poll_due_at: datetime | None = None
    silent_at: datetime | None = None


_PROMISED: Final = ("latest_date", "ship_by")
_READ: Final = tuple(name for name in Moving.__dataclass_fields__ if name not in {"poll_due_at", "silent_at"})
_MOMENTS: Final = frozenset(name for name in _READ if name.endswith("_at") or name == "ship_by")
_LOCK: Final = (
    f"SELECT {', '.join(('p.' if n in _PROMISED else 's.') + n + ('::text' if n in _MOMENTS else '') for n in _READ)}"  # noqa: S608
    " FROM logistics_shipment s JOIN logistics_promise p ON p.shipment_id = s.id"
    " WHERE s.id = ANY(%s) ORDER BY s.id FOR NO KEY UPDATE OF s"
)
_IS_MOMENT: Final = tuple(name in _MOMENTS for name in _READ)
_WRITTEN: Final = (
    "state", "tracking_status", "handed_over_at", "delivered_at", "lost_at", "delivery_told_at", "kept_promise",
    "call_due_at", "poll_due_at", "silent_at",
)  # fmt: skip
_TRANSITION: Final = ("shipment", "from_state", "to_state", "action", "actor", "reason", "at")


def lock_moving(shipment_ids: Iterable[UUID]) -> list[Moving]:
    """The shipments, locked in the order of their ids until the transaction ends.

    Moments come as text and are read here: the driver takes ten times as long for it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [list(set(shipment_ids))])
        return [Moving(*map(_read, row, _IS_MOMENT)) for row in cursor.fetchall()]


def _read(value: Any, is_moment: bool) -> Any:
    return datetime.fromisoformat(value) if is_moment and value is not None else value


def save_moving(rows: Sequence[Moving]) -> None:
    """What following changed, in one statement."""
    update_rows(Shipment, _WRITTEN, [
        (
            row.id, row.state, row.tracking_status, row.handed_over_at, row.delivered_at, row.lost_at,
            row.delivery_told_at, row.kept_promise, row.call_due_at, row.poll_due_at, row.silent_at,
        )
        for row in rows
    ])  # fmt: skip


@dataclass(slots=True)
class Followed:
    """What following the carriers' news has to write: gathered for many shipments and saved together."""

    transitions: list[tuple[object, ...]] = field(default_factory=list)
    events: dict[Actor, list[Event]] = field(default_factory=dict)
    moved: set[UUID] = field(default_factory=set)
    """Shipments that changed their state."""

    def tell(self, event: Event, actor: Actor) -> None:
        self.events.setdefault(actor, []).append(event)

    def save(self, *, now: datetime) -> None:
        """In the caller's transaction: transitions and events, a statement for all of a kind."""
        insert_rows(ShipmentTransition, _TRANSITION, self.transitions)
        for actor, events in self.events.items():
            publish_all(events, actor=actor, now=now)


def follow_tracking(
    *, shipment: Moving, status: TrackingStatus, target: ShipmentState, accepted_at: datetime | None, at: datetime,
    actor: Actor, now: datetime, followed: Followed,
) -> None:  # fmt: skip
    """Bring a locked shipment to where its history stands; tells each fact once. The caller saves row and `followed`.

    `at` is when the status came about and `accepted_at` the first scan (carrier's clock), `now` when we learned it.
    """
    if shipment.state in {S.CANCELLED, S.BOOKING}:
        return
    for action in actions_between(S(shipment.state), target):
        moment = (accepted_at or at) if action is A.ACCEPT else at
        _apply(shipment, action, at=moment, actor=actor, now=now, followed=followed)
    if shipment.state == S.DELIVERED and shipment.delivered_at != at and status is TrackingStatus.DELIVERED:
        _score(shipment, at)
    if status != shipment.tracking_status:
        previous, shipment.tracking_status = shipment.tracking_status, status
        followed.tell(TrackingUpdated(**facts_of(shipment, at), status=status.value, previous_status=previous), actor)


def _apply(
    shipment: Moving, action: ShipmentAction, *, at: datetime, actor: Actor, now: datetime, followed: Followed
) -> None:
    before = S(shipment.state)
    shipment.state = next_state(TRANSITIONS, before, action)
    followed.moved.add(shipment.id)
    followed.transitions.append((shipment.id, before, shipment.state, action, actor.reference, "", now))
    if action is A.ACCEPT:
        shipment.handed_over_at, shipment.call_due_at = shipment.handed_over_at or at, None
        followed.tell(ParcelHandedOver(**facts_of(shipment, at)), actor)
    elif action is A.DELIVER:
        _score(shipment, at)
        if shipment.delivery_told_at is None:
            shipment.delivery_told_at = now
            followed.tell(_delivered(shipment, at), actor)
            _remedy(shipment, at, actor, followed)
    elif action is A.LOSE and shipment.lost_at is None:
        shipment.lost_at = at
        followed.tell(ParcelLost(**facts_of(shipment, at)), actor)
    elif action is A.CORRECT:
        shipment.delivered_at = shipment.kept_promise = None


def _score(shipment: Moving, at: datetime) -> None:
    shipment.delivered_at = at
    shipment.kept_promise = is_promise_kept(
        delivered_at=at, promised_latest=shipment.latest_date, time_zone=shipment.destination_time_zone
    )


def _delivered(shipment: Moving, at: datetime) -> ParcelDelivered:
    return ParcelDelivered(
        **facts_of(shipment, at), delivered_at=at, promised_by=shipment.latest_date.isoformat(),
        kept_promise=bool(shipment.kept_promise),
    )  # fmt: skip


def _remedy(shipment: Moving, at: datetime, actor: Actor, followed: Followed) -> None:
    """A broken promise is told once, with what it gives back; those above move the money."""
    late = days_late(delivered_at=at, promised_latest=shipment.latest_date, time_zone=shipment.destination_time_zone)
    if late:
        liable = liable_for_delay(handed_over_at=shipment.handed_over_at, ship_by=shipment.ship_by)
        share = refund_share_bps(late)
        followed.tell(PromiseBroken(**facts_of(shipment, at), days_late=late, remedy_bps=share, liable=liable), actor)


class Facts(TypedDict):
    """The fields all events of shipments share."""

    shipment_id: UUID
    order_id: UUID
    seller_id: UUID
    carrier_code: str
    tracking_number: str
    at: datetime
    purpose: str


def facts_of(shipment: Shipment | Moving, at: datetime) -> Facts:
    """What every event of a shipment says."""
    return {
        "shipment_id": shipment.id, "order_id": shipment.order_id, "seller_id": shipment.seller_id,
        "carrier_code": shipment.carrier_id, "tracking_number": shipment.waybill, "at": at,
        "purpose": str(shipment.purpose),
    }  # fmt: skip
