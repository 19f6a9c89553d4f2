"""What logistics needs of a carrier, whoever it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from logistics.contracts import Address, ParcelSpec, TrackingStatus

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class BookingOrder:
    """A parcel to be booked; `reference` is ours and makes the call idempotent."""

    reference: str
    service_code: str
    sender: Address
    recipient: Address
    parcel: ParcelSpec
    more: tuple[ParcelSpec, ...] = ()
    """Further parcels of the shipment."""


@dataclass(frozen=True, slots=True)
class CarrierScan:
    """A carrier's event as read by its mapper. `status` is UNKNOWN when the code is not in the carrier's table."""

    carrier_code: str
    carrier_number: str
    event_id: str
    code: str
    text: str
    place: str
    status: TrackingStatus
    occurred_at: datetime
    corrects: str = ""
    """Id of an earlier event that this one takes back."""
    reason: str = ""
    """An IncidentReason, where something went wrong."""


class CarrierGateway(Protocol):
    """Calls to a carrier. Never inside a database transaction. All raise CarrierUnavailable or CarrierRefused."""

    def book(self, order: BookingOrder, *, now: datetime) -> str:
        """The carrier's number for the parcel; the same reference gives the same number."""

    def cancel(self, reference: str, *, now: datetime) -> None:
        """Void a booking; an unknown reference is fine."""

    def announce_hand_over(self, carrier_numbers: Sequence[str], *, now: datetime) -> tuple[CarrierScan, ...]:
        """Tell that parcels were dropped off; returns the receipt scans, if the carrier gives them."""

    def track(self, carrier_numbers: Sequence[str], *, now: datetime) -> tuple[CarrierScan, ...]:
        """Everything known of these parcels."""


class CarrierTransport(Protocol):
    """Carries one request of the sandbox carriers' API: returns (HTTP status, JSON body)."""

    def call(self, carrier_code: str, operation: str, payload: Json, *, now: datetime) -> tuple[int, Json]: ...
