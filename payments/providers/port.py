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
    DISPUTE = "DISPUTE"
    RECIPIENT = "RECIPIENT"


class DisputeStatus(StrEnum):
    """How a chargeback stands at the network. WARNING_*: an inquiry, the money has not left."""

    WARNING_NEEDS_RESPONSE = "WARNING_NEEDS_RESPONSE"
    WARNING_UNDER_REVIEW = "WARNING_UNDER_REVIEW"
    WARNING_CLOSED = "WARNING_CLOSED"
    NEEDS_RESPONSE = "NEEDS_RESPONSE"
    UNDER_REVIEW = "UNDER_REVIEW"
    WON = "WON"
    LOST = "LOST"


#: Tokens of kept methods begin like this; they are used by their owner through the wallet, never typed in.
KEPT = "kept/"


@dataclass(frozen=True, slots=True)
class KeptMethod:
    """A card the buyer agreed to keep: the provider's token, and what a person needs to recognise it.

    `fingerprint` is the same for the same card, whatever its token.
    """

    token: str
    fingerprint: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int


@dataclass(frozen=True, slots=True)
class ProviderResult:
    """An answer. `code` says why on DECLINED; `url` is where the buyer must go on REQUIRES_ACTION.

    `method` comes with SUCCEEDED when the buyer asked to keep the card.
    """

    outcome: Outcome
    provider_ref: str
    code: str = ""
    url: str = ""
    method: KeptMethod | None = None


@dataclass(frozen=True, slots=True)
class ProviderDispute:
    """A chargeback as the provider tells it, whole in every event: the order of news does not matter.

    `ref` is the provider's name for it, `charge_ref` ours for the charge; `fee` is what the provider takes for it.
    """

    ref: str
    charge_ref: str
    status: DisputeStatus
    amount: Money
    fee: Money
    reason: str
    due_by: datetime | None
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class ProviderEvent:
    """News from a provider about the thing we named `reference` (our charge, refund or payout id).

    DISPUTE events carry `dispute`; their reference is the disputed charge. RECIPIENT events carry `recipient`; their
    reference is the provider's own.
    """

    event_id: str
    kind: EventKind
    reference: str
    result: ProviderResult
    dispute: ProviderDispute | None = None
    recipient: Recipient | None = None


class RecipientState(StrEnum):
    """Whether a provider lets money go to a seller: what it wants to know first, or is still checking."""

    READY = "READY"
    NEEDED = "NEEDED"
    IN_REVIEW = "IN_REVIEW"


@dataclass(frozen=True, slots=True)
class Recipient:
    """A seller at a provider. `ref`: the provider's name; `url`: where the seller answers (NEEDED), good for minutes.

    `missing`: what the provider asks for, in its own words.
    """

    state: RecipientState
    ref: str = ""
    url: str = ""
    missing: tuple[str, ...] = ()


class TooEarly(Exception):
    """The news are about something we have not recorded yet: not taken, so that the provider sends them again."""


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

    def recipient(self, *, holder: str, iban: str, currency: str, return_url: str, now: datetime) -> Recipient:
        """Whether money may go to this account, and where its owner says what is missing. `return_url` "": no link."""
        ...

    def submit_evidence(
        self, *, idempotency_key: str, dispute_ref: str, document: bytes, facts: Mapping[str, object], now: datetime
    ) -> ProviderResult:
        """Answer a chargeback once and for all: a PDF and the facts in it. DECLINED: too late, or closed."""
        ...

    def forget(self, *, token: str, now: datetime) -> None:
        """Let go of a kept method; an unknown one is forgotten already."""
        ...

    def verify_webhook(self, *, body: bytes, headers: Mapping[str, str], now: datetime) -> list[ProviderEvent]:
        """The signed events in `body`. Raises InvalidSignature."""
        ...
