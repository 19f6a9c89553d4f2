"""Events of logistics. A shipment carries the goods of one seller order, or back from its buyer, or new goods instead:
`purpose` is ORDER, RETURN or REPLACEMENT, and `order_id` the id of what is carried."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from core.events.base import Event
from core.money import Money

__all__ = [
    "ClaimOpened",
    "ClaimPaid",
    "ParcelDelivered",
    "ParcelHandedOver",
    "ParcelLost",
    "PickupMoved",
    "PromiseBroken",
    "ShipmentBooked",
    "ShipmentCancelled",
    "TrackingUpdated",
]


@dataclass(frozen=True)
class _ShipmentEvent(Event):
    wire_name: ClassVar[str] = "logistics.shipment.abstract.v0"
    shipment_id: UUID
    order_id: UUID
    seller_id: UUID
    carrier_code: str
    tracking_number: str
    at: datetime
    purpose: str = field(default="ORDER", kw_only=True)

    @property
    def key(self) -> str:
        return str(self.order_id)


@dataclass(frozen=True)
class ShipmentBooked(_ShipmentEvent):
    """A label exists; the carrier expects the parcel."""

    wire_name: ClassVar[str] = "logistics.shipment.booked.v1"


@dataclass(frozen=True)
class ShipmentCancelled(_ShipmentEvent):
    """The label was voided before the carrier had the parcel."""

    wire_name: ClassVar[str] = "logistics.shipment.cancelled.v1"


@dataclass(frozen=True)
class ParcelHandedOver(_ShipmentEvent):
    """The carrier has the parcel (first acceptance scan)."""

    wire_name: ClassVar[str] = "logistics.parcel.handed_over.v1"


@dataclass(frozen=True)
class TrackingUpdated(_ShipmentEvent):
    """The derived status of the parcel changed to `status`."""

    wire_name: ClassVar[str] = "logistics.tracking.updated.v1"
    status: str
    previous_status: str


@dataclass(frozen=True)
class ParcelDelivered(_ShipmentEvent):
    """The parcel reached the recipient at `delivered_at`; `promised_by` is the last day of the promise (ISO date)."""

    wire_name: ClassVar[str] = "logistics.parcel.delivered.v1"
    delivered_at: datetime
    promised_by: str
    kept_promise: bool


@dataclass(frozen=True)
class ParcelLost(_ShipmentEvent):
    """The carrier declared the parcel lost."""

    wire_name: ClassVar[str] = "logistics.parcel.lost.v1"


@dataclass(frozen=True)
class PromiseBroken(_ShipmentEvent):
    """The parcel came `days_late` days after its last promised day. By the platform's policy `remedy_bps` of the shipping
    price go back to the buyer; `liable` is CARRIER, or SELLER when the parcel was handed over too late."""

    wire_name: ClassVar[str] = "logistics.promise.broken.v1"
    days_late: int
    remedy_bps: int
    liable: str


@dataclass(frozen=True)
class ClaimOpened(_ShipmentEvent):
    """Money is to be claimed from the carrier; without an `amount` its value is asked from those who know the goods."""

    wire_name: ClassVar[str] = "logistics.claim.opened.v1"
    claim_id: UUID
    claim_type: str
    amount: Money | None


@dataclass(frozen=True)
class ClaimPaid(_ShipmentEvent):
    """The carrier paid `amount` of a claim to the platform."""

    wire_name: ClassVar[str] = "logistics.claim.paid.v1"
    claim_id: UUID
    claim_type: str
    number: str
    amount: Money


@dataclass(frozen=True)
class PickupMoved(Event):
    """A pickup at a seller's door was booked, changed, confirmed, done, missed or called off: it is now `state`."""

    wire_name: ClassVar[str] = "logistics.pickup.moved.v1"
    pickup_id: UUID
    seller_id: UUID
    carrier_code: str
    number: str
    state: str
    opens_at: datetime
    closes_at: datetime
    at: datetime

    @property
    def key(self) -> str:
        return str(self.pickup_id)
