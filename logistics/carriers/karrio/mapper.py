"""Between our bookings and scans and the unified models of the Karrio library. Pure: plain dictionaries in and out."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from logistics.carriers.ports import BookingOrder, CarrierScan
from logistics.contracts import Address, CarrierRefused, IncidentReason, ParcelSpec, TrackingStatus

T = TrackingStatus
Json = dict[str, Any]

#: Our service -> what Karrio calls it. Domestic ones alone: a parcel across a border needs papers a booking does not carry.
SERVICES: Final[dict[str, str]] = {
    "fedex-ground": "fedex_ground", "fedex-overnight": "fedex_standard_overnight", "ups-ground": "ups_ground",
    "ups-2nd-day": "ups_2nd_day_air", "usps-ground": "usps_ground_advantage", "usps-priority": "usps_priority_mail",
    "dhl-domestic": "dhl_express_domestic", "canadapost-expedited": "canadapost_expedited_parcel",
    "canadapost-xpresspost": "canadapost_xpresspost",
}  # fmt: skip
#: Our carrier -> Karrio's.
CARRIERS: Final[dict[str, str]] = {
    "fedex": "fedex", "ups": "ups", "usps": "usps", "dhl-express": "dhl_express", "canadapost": "canadapost",
}  # fmt: skip
STATUSES: Final[dict[str, TrackingStatus]] = {
    "pending": T.REGISTERED, "picked_up": T.PICKED_UP, "in_transit": T.IN_TRANSIT,
    "out_for_delivery": T.OUT_FOR_DELIVERY, "ready_for_pickup": T.READY_FOR_PICKUP, "delivered": T.DELIVERED,
    "delivery_failed": T.ATTEMPT_FAILED, "delivery_delayed": T.DELAYED, "on_hold": T.ON_HOLD,
    "return_to_sender": T.RETURNING, "cancelled": T.CANCELLED,
}  # fmt: skip
NOT_UNDERSTOOD: Final = "SHIPPING_SDK_INTERNAL_ERROR"
"""Karrio's own word for a call that came back with nothing, or with something it cannot read."""
MAX_LABEL_BYTES: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class Booked:
    """The carrier's number for the public, its own name for the booking, and the label to print (PDF; may be empty)."""

    number: str
    identifier: str
    label: bytes


def shipment_payload(order: BookingOrder) -> Json:
    """What Karrio's ShipmentRequest is made of. Raises CarrierRefused for a service it does not know, or abroad."""
    if order.service_code not in SERVICES:
        raise CarrierRefused("This service is not booked over the carrier's interface.")
    if order.sender.country != order.recipient.country:
        raise CarrierRefused("Parcels abroad need customs papers; book this one in the carrier's own account.")
    return {
        "service": SERVICES[order.service_code], "shipper": _address(order.sender),
        "recipient": _address(order.recipient), "parcels": [_parcel(one) for one in (order.parcel, *order.more)],
        "reference": order.reference[:35],
        "payment": {"paid_by": "sender"}, "label_type": "PDF",
    }  # fmt: skip


def _parcel(spec: ParcelSpec) -> Json:
    parcel: Json = {"weight": spec.weight_grams / 1000, "weight_unit": "KG", "packaging_type": "your_packaging"}
    sides = (spec.length_mm, spec.width_mm, spec.height_mm)
    if all(sides):
        parcel |= {
            name: side / 10 for name, side in zip(("length", "width", "height"), sides, strict=True)
        } | {"dimension_unit": "CM"}  # fmt: skip
    return parcel


def _address(at: Address) -> Json:
    return {
        "person_name": at.name, "address_line1": at.street, "city": at.city, "postal_code": at.postcode,
        "country_code": at.country, "state_code": at.region or None, "phone_number": at.phone or None,
    }  # fmt: skip


def read_booking(details: Json | None, messages: Iterable[Json]) -> Booked:
    """Raises CarrierRefused with the carrier's own words when it did not book."""
    if not details or not details.get("tracking_number"):
        raise CarrierRefused(f"The carrier refused: {words_of(messages)}")
    number = str(details["tracking_number"])[:40]
    label = str((details.get("docs") or {}).get("label") or "")
    return Booked(number, str(details.get("shipment_identifier") or number)[:80], _decoded(label))


def _decoded(label: str) -> bytes:
    try:
        content = base64.b64decode(label)
    except (ValueError, binascii.Error):
        return b""
    return content if len(content) <= MAX_LABEL_BYTES else b""


def words_of(messages: Iterable[Json]) -> str:
    """What the carrier said, short enough for the shipment's note."""
    said = [str(message.get("message") or message.get("code") or "") for message in messages]
    return "; ".join(word for word in said if word)[:160] or "no reason given"


def asked_together(numbers: Sequence[str]) -> list[str]:
    """The numbers of one call. A single one is asked twice: Karrio reads Canada Post's answers only if there are several.

    The events come twice then and count once, by their ids.
    """
    return [*numbers, *numbers] if len(numbers) == 1 else list(numbers)


def read_tracking(carrier_code: str, found: Iterable[Json]) -> tuple[CarrierScan, ...]:
    """The events of all parcels, each once. What Karrio does not normalise is UNKNOWN and goes to the mapping queue."""
    scans = (
        _scan(carrier_code, str(details["tracking_number"])[:40], event)
        for details in found
        for event in details.get("events") or ()
        if _moment(event) is not None
    )
    return tuple({scan.event_id: scan for scan in scans}.values())


def _scan(carrier_code: str, number: str, event: Json) -> CarrierScan:
    at = _moment(event)
    assert at is not None, "asked before"
    code, place = str(event.get("code") or "")[:20], str(event.get("location") or "")[:80]
    reason = str(event.get("reason") or "").upper()
    content = f"{number}|{code}|{at.isoformat()}|{place}|{event.get('description')}"
    return CarrierScan(
        carrier_code=carrier_code, carrier_number=number, event_id=hashlib.sha256(content.encode()).hexdigest()[:40],
        code=code, text=str(event.get("description") or "")[:120], place=place,
        status=STATUSES.get(str(event.get("status") or ""), T.UNKNOWN), occurred_at=at,
        reason=reason if reason in IncidentReason.__members__ else "",
    )  # fmt: skip


def _moment(event: Json) -> datetime | None:
    """When it happened; None without a day. Karrio gives the carrier's local time and drops its zone, so it is read as UTC."""
    text = str(event.get("timestamp") or event.get("date") or "")
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
