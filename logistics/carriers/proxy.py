"""The wire to the sandbox carriers: over HTTP as to outside companies, or within the process for simulated worlds."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import httpx
from django.conf import settings

from core.database import in_transaction
from core.errors import DomainError
from logistics.carriers import mapper
from logistics.carriers.ports import BookingOrder, CarrierScan, CarrierTransport, PickupOrder
from logistics.carriers.sandbox import services as sandbox
from logistics.carriers.signatures import SIGNATURE_HEADER, TIMESTAMP_HEADER, sign
from logistics.contracts import CarrierRefused, CarrierUnavailable

Json = dict[str, Any]
TIMEOUT_SECONDS = 4.0
BATCH = 100


class CalledInsideTransaction(RuntimeError):
    """A carrier was called while rows were locked; a slow carrier would hold them."""


class HttpTransport:
    """The carriers' REST API at {SITE_URL}/sandbox/carriers/<code>/<operation>/."""

    def call(self, carrier_code: str, operation: str, payload: Json, *, now: datetime) -> tuple[int, Json]:
        if in_transaction():
            raise CalledInsideTransaction(operation)
        url = f"{settings.SITE_URL}/sandbox/carriers/{carrier_code}/{operation}/"
        token = sign(secret=settings.WEBHOOK_SECRET, carrier_code=carrier_code, timestamp="api", body=b"")
        try:
            answer = httpx.post(
                url, json=payload, timeout=TIMEOUT_SECONDS, headers={"Authorization": f"Bearer {token}"}
            )
            return answer.status_code, answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise CarrierUnavailable() from error


class InProcessTransport:
    """The same API called as functions."""

    def call(self, carrier_code: str, operation: str, payload: Json, *, now: datetime) -> tuple[int, Json]:
        return answer_sandbox(carrier_code, operation, payload, now=now)


def answer_sandbox(carrier_code: str, operation: str, payload: Any, *, now: datetime) -> tuple[int, Json]:
    """The sandbox carriers' API itself: (status, body) of one request."""
    try:
        if operation == "book":
            return 201, sandbox.book(carrier_code=carrier_code, order=payload, now=now)
        if operation == "cancel":
            return 200, sandbox.cancel(carrier_code=carrier_code, reference=str(payload["reference"]), now=now)
        if operation == "hand-over":
            return 200, sandbox.accept(carrier_code=carrier_code, numbers=list(payload["numbers"]), now=now)
        if operation == "pickup":
            return 201, sandbox.collect(carrier_code=carrier_code, order=payload)
        if operation == "cancel-pickup":
            return 200, {"reference": str(payload["reference"]), "voided": True}
        if operation == "track":
            return 200, sandbox.track(carrier_code=carrier_code, numbers=list(payload["numbers"]), now=now)
    except DomainError as error:
        return error.status, {"error": error.message}
    except (KeyError, TypeError):
        return 422, {"error": "The request lacks a field."}
    return 404, {"error": "No such operation."}


class SandboxGateway:
    """CarrierGateway of one carrier of the sandbox network."""

    def __init__(self, carrier_code: str, transport: CarrierTransport) -> None:
        self.carrier_code = carrier_code
        self.transport = transport

    def _ask(self, operation: str, payload: Json, now: datetime) -> Json:
        status, body = self.transport.call(self.carrier_code, operation, payload, now=now)
        if status >= 500 or status == 429:
            raise CarrierUnavailable()
        if status >= 400:
            raise CarrierRefused(f"The carrier refused: {str(body.get('error', status))[:200]}")
        return body

    def book(self, order: BookingOrder, *, now: datetime) -> str:
        return str(self._ask("book", mapper.booking_payload(order), now)["number"])

    def cancel(self, reference: str, *, now: datetime) -> None:
        self._ask("cancel", {"reference": reference}, now)

    def announce_hand_over(self, carrier_numbers: Sequence[str], *, now: datetime) -> tuple[CarrierScan, ...]:
        return self._batched("hand-over", carrier_numbers, now)

    def book_pickup(self, order: PickupOrder, *, now: datetime) -> str:
        return str(self._ask("pickup", mapper.pickup_payload(order), now)["number"])

    def cancel_pickup(self, reference: str, *, now: datetime) -> None:
        self._ask("cancel-pickup", {"reference": reference}, now)

    def track(self, carrier_numbers: Sequence[str], *, now: datetime) -> tuple[CarrierScan, ...]:
        return self._batched("track", carrier_numbers, now)

    def _batched(self, operation: str, carrier_numbers: Sequence[str], now: datetime) -> tuple[CarrierScan, ...]:
        scans: list[CarrierScan] = []
        for start in range(0, len(carrier_numbers), BATCH):
            numbers = list(carrier_numbers[start : start + BATCH])
            scans += mapper.read_scans(self.carrier_code, self._ask(operation, {"numbers": numbers}, now))
        return tuple(scans)


class ContractGateway:
    """CarrierGateway of a carrier known only by its rate sheet: nothing to call, its events come by hand or file."""

    def __init__(self, carrier_code: str) -> None:
        self.carrier_code = carrier_code

    def book(self, order: BookingOrder, *, now: datetime) -> str:
        """A number made from our reference, so that asking twice gives the same."""
        return self._number(order.reference)

    def _number(self, reference: str) -> str:
        digest = hashlib.sha256(f"{self.carrier_code}:{reference}".encode()).hexdigest()
        return f"{self.carrier_code[:8].upper()}-{digest[:12].upper()}"

    def cancel(self, reference: str, *, now: datetime) -> None:
        """Nobody to tell."""

    def announce_hand_over(self, carrier_numbers: Sequence[str], *, now: datetime) -> tuple[CarrierScan, ...]:
        return ()

    def book_pickup(self, order: PickupOrder, *, now: datetime) -> str:
        """The courier finds it in its round of the day."""
        return self._number(order.reference)

    def cancel_pickup(self, reference: str, *, now: datetime) -> None:
        """It leaves the round by itself."""

    def track(self, carrier_numbers: Sequence[str], *, now: datetime) -> tuple[CarrierScan, ...]:
        return ()


def push_webhook(carrier_code: str, body: bytes, *, now: datetime) -> bool:
    """The sandbox carrier's sender: one signed POST to the platform. True when it was taken."""
    timestamp = str(int(now.timestamp()))
    signature = sign(secret=settings.WEBHOOK_SECRET, carrier_code=carrier_code, timestamp=timestamp, body=body)
    headers = {SIGNATURE_HEADER: signature, TIMESTAMP_HEADER: timestamp, "Content-Type": "application/json"}
    url = f"{settings.SITE_URL}/webhooks/carriers/{carrier_code}/"
    try:
        return httpx.post(url, content=body, headers=headers, timeout=TIMEOUT_SECONDS).is_success
    except httpx.HTTPError:
        return False
