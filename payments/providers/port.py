"""The port every payment provider fits: plain calls with our keys, plain answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from core.money import Money


class Outcome(StrEnum):
    SUCCEEDED = "SUCCEEDED"
    DECLINED = "DECLINED"
    REQUIRES_ACTION = "REQUIRES_ACTION"
    PENDING = "PENDING"
    CANCELLED = "CANCELLED"


class EventKind(StrEnum):
    """What a provider's event is about."""

    CHARGE = "CHARGE"
    REFUND = "REFUND"
    PAYOUT = "PAYOUT"


@dataclass(frozen=True, slots=True)
class ProviderResult:
    """An answer. `code` says why on DECLINED; `url` is where the buyer must go on REQUIRES_ACTION."""

    outcome: Outcome
    provider_ref: str
    code: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class ProviderEvent:
    """News from a provider about the thing we named `reference` (our charge, refund or payout id)."""

    event_id: str
    kind: EventKind
    reference: str
    result: ProviderResult


class ProviderTimeout(Exception):
    """No answer came: what happened at the provider is not known."""


class PaymentProvider(Protocol):
    """Every call takes our idempotency key: repeating it has one effect. All but the webhook check may raise
    ProviderTimeout."""

    code: str

    def authorize(
        self, *, idempotency_key: str, amount: Money, method_token: str | None, return_url: str, now: datetime
    ) -> ProviderResult:
        """Take the money now (authorize and capture)."""
        ...

    def find_charge(self, *, idempotency_key: str, now: datetime) -> ProviderResult | None:
        """How a charge stands; None when it never arrived there."""
        ...

    def refund(self, *, idempotency_key: str, charge_key: str, amount: Money, now: datetime) -> ProviderResult: ...

    def payout(
        self, *, idempotency_key: str, amount: Money, holder: str, iban: str, now: datetime
    ) -> ProviderResult: ...

    def verify_webhook(self, *, body: bytes, headers: Mapping[str, str], now: datetime) -> list[ProviderEvent]:
        """The signed events in `body`. Raises InvalidSignature."""
        ...
