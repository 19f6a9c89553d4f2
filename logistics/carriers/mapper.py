"""From the sandbox carriers' words to ours and back. Pure."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, Final

from core.errors import InvalidInput
from logistics.carriers.ports import BookingOrder, CarrierScan
from logistics.contracts import IncidentReason
from logistics.contracts import TrackingStatus as T

Json = dict[str, Any]
MAX_EVENTS = 5_000

STATUSES: Final[dict[str, dict[str, T]]] = {
    "ruta": {
        "RX100": T.PICKED_UP, "RX200": T.IN_TRANSIT, "RX210": T.AT_HUB, "RX250": T.CUSTOMS,
        "RX300": T.OUT_FOR_DELIVERY, "RX310": T.ATTEMPT_FAILED, "RX390": T.DELAYED, "RX400": T.DELIVERED,
        "RX500": T.DAMAGED, "RX600": T.LOST, "RX700": T.RETURNING, "RX710": T.RETURNED,
    },
    "correo-sur": {
        "A1": T.PICKED_UP, "C3": T.IN_TRANSIT, "H2": T.AT_HUB, "U4": T.CUSTOMS, "D1": T.OUT_FOR_DELIVERY,
        "F1": T.ATTEMPT_FAILED, "T9": T.DELAYED, "E1": T.DELIVERED, "X5": T.DAMAGED, "X9": T.LOST,
        "V1": T.RETURNING, "V2": T.RETURNED,
    },
    "norte": {
        "IN": T.PICKED_UP, "DEP": T.IN_TRANSIT, "ARR": T.AT_HUB, "CUS": T.CUSTOMS, "OFD": T.OUT_FOR_DELIVERY,
        "NOH": T.ATTEMPT_FAILED, "DLY": T.DELAYED, "POD": T.DELIVERED, "DAM": T.DAMAGED, "LST": T.LOST,
        "RTS": T.RETURNING, "RTD": T.RETURNED,
    },
    "andes": {
        "01": T.PICKED_UP, "05": T.IN_TRANSIT, "07": T.AT_HUB, "09": T.CUSTOMS, "11": T.OUT_FOR_DELIVERY,
        "13": T.ATTEMPT_FAILED, "15": T.DELAYED, "20": T.DELIVERED, "31": T.DAMAGED, "35": T.LOST, "41": T.RETURNING,
        "45": T.RETURNED,
    },
    "pacifico": {
        "PU": T.PICKED_UP, "TK": T.IN_TRANSIT, "AF": T.AT_HUB, "CC": T.CUSTOMS, "WC": T.OUT_FOR_DELIVERY,
        "NA": T.ATTEMPT_FAILED, "OD": T.DELAYED, "OK": T.DELIVERED, "DM": T.DAMAGED, "LO": T.LOST, "RT": T.RETURNING,
        "RR": T.RETURNED,
    },
    "troncal": {
        "T10": T.PICKED_UP, "T20": T.IN_TRANSIT, "T30": T.AT_HUB, "T40": T.CUSTOMS, "T50": T.OUT_FOR_DELIVERY,
        "T55": T.ATTEMPT_FAILED, "T60": T.DELAYED, "T70": T.DELIVERED, "T80": T.DAMAGED, "T90": T.LOST,
        "T95": T.RETURNING, "T96": T.RETURNED,
    },
}  # fmt: skip
"""The carriers' own code lists as published; codes outside of them go to the operator's mapping queue."""

REASONS: Final[dict[T, IncidentReason]] = {
    T.ATTEMPT_FAILED: IncidentReason.CONSIGNEE_NOT_HOME, T.DELAYED: IncidentReason.CARRIER_MECHANICAL_DELAY,
    T.DAMAGED: IncidentReason.CARRIER_DAMAGED_PARCEL, T.LOST: IncidentReason.CARRIER_PARCEL_LOST,
    T.RETURNING: IncidentReason.CONSIGNEE_NOT_AVAILABLE, T.CUSTOMS: IncidentReason.CUSTOMS_INSPECTION,
}  # fmt: skip
"""What these carriers mean when they give no reason of their own."""


def booking_payload(order: BookingOrder) -> Json:
    """The carriers' booking request; only what they need to deliver leaves the platform."""
    return {
        "reference": order.reference,
        "service": order.service_code,
        "from": {"country": order.sender.country, "postcode": order.sender.postcode, "city": order.sender.city},
        "to": {
            "name": order.recipient.name, "street": order.recipient.street, "city": order.recipient.city,
            "postcode": order.recipient.postcode, "country": order.recipient.country, "phone": order.recipient.phone,
        },
        "parcels": [
            {"grams": one.weight_grams, "mm": [one.length_mm, one.width_mm, one.height_mm]}
            for one in (order.parcel, *order.more)
        ],
    }  # fmt: skip


def read_scans(carrier_code: str, body: Any) -> tuple[CarrierScan, ...]:
    """The events of an answer or a webhook. Raises InvalidInput when it cannot be read."""
    try:
        events = body["events"]
        if not isinstance(events, list) or len(events) > MAX_EVENTS:
            raise InvalidInput("The list of events is missing or too long.")
        return tuple(_read_scan(carrier_code, event) for event in events)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise InvalidInput("The carrier's message cannot be read.") from None


def _read_scan(carrier_code: str, event: Json) -> CarrierScan:
    at = datetime.fromisoformat(event["at"])
    if at.tzinfo is None:
        raise ValueError("A moment without a time zone")
    code = str(event["code"])[:20]
    status = STATUSES.get(carrier_code, {}).get(code, T.UNKNOWN)
    return CarrierScan(
        carrier_code=carrier_code, carrier_number=str(event["number"])[:40], event_id=str(event["id"])[:60], code=code,
        text=str(event.get("text", ""))[:120], place=str(event.get("place", ""))[:80], status=status, occurred_at=at,
        corrects=str(event.get("corrects", ""))[:60], reason=_reason(event.get("reason"), status),
    )  # fmt: skip


def _reason(told: object, status: T) -> str:
    """The carrier's own reason if it is one we know, else what the status means by itself."""
    if told and (word := str(told).upper()) in IncidentReason.__members__:
        return word
    return REASONS[status].value if status in REASONS else ""


def manual_scan(carrier_code: str, row: Json) -> CarrierScan:
    """An event of a contract carrier as typed or read from a file: number, status, at, and maybe place, text, reason.

    Its id is made from its content, so that the same file twice counts once. Raises InvalidInput.
    """
    number, word = str(row.get("number", "")).strip()[:40], str(row.get("status", "")).strip().upper()
    try:
        at = datetime.fromisoformat(str(row.get("at", "")).strip())
    except ValueError:
        raise InvalidInput("A moment looks like 2026-03-02T09:00:00+01:00.", field="at") from None
    if at.tzinfo is None:
        raise InvalidInput("The moment needs its time zone.", field="at")
    if not number or word not in T.__members__ or word == T.UNKNOWN:
        raise InvalidInput("A number and a status are needed.", field="status")
    place, text = str(row.get("place", "")).strip()[:80], str(row.get("text", "")).strip()[:120]
    content = f"{carrier_code}|{number}|{word}|{at.isoformat()}|{place}"
    return CarrierScan(
        carrier_code=carrier_code, carrier_number=number, event_id=hashlib.sha256(content.encode()).hexdigest()[:40],
        code=word[:20], text=text, place=place, status=T(word), occurred_at=at, reason=_reason(row.get("reason"), T(word)),
    )  # fmt: skip
