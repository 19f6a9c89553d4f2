"""What payments tells and is told: plain values, and the facts it refuses with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from core.errors import DomainError, NotFound, TransitionRefused
from core.ids import order_number
from core.money import Money


class DeliveryKind(StrEnum):
    """How goods reach the buyer; decides the length of the inspection (policy data, table InspectionPolicy)."""

    DIGITAL = "DIGITAL"
    VIRTUAL = "VIRTUAL"
    EXPRESS = "EXPRESS"
    POST = "POST"


class EscrowState(StrEnum):
    """Where the money of one seller order stands."""

    CREATED = "CREATED"
    FUNDED = "FUNDED"
    SHIPPED = "SHIPPED"
    DELIVERED = "DELIVERED"
    DISPUTED = "DISPUTED"
    RELEASED = "RELEASED"
    REFUNDED = "REFUNDED"
    SETTLED = "SETTLED"
    CANCELLED = "CANCELLED"


class ChargeState(StrEnum):
    """Where one attempt to take a buyer's money stands. RETURNED: captured too late, sent back."""

    CREATED = "CREATED"
    SUBMITTED = "SUBMITTED"
    REQUIRES_ACTION = "REQUIRES_ACTION"
    PENDING = "PENDING"
    UNKNOWN = "UNKNOWN"
    CAPTURED = "CAPTURED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    RETURNED = "RETURNED"


class PayoutState(StrEnum):
    """Where a transfer to a seller's bank stands. FAILED, and RETURNED after it was PAID: payable again."""

    REQUESTED = "REQUESTED"
    SUBMITTED = "SUBMITTED"
    PAID = "PAID"
    FAILED = "FAILED"
    RETURNED = "RETURNED"


class PayoutFrequency(StrEnum):
    """When available money is sent by itself."""

    IMMEDIATE = "IMMEDIATE"
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    MANUAL = "MANUAL"


class HoldReason(StrEnum):
    """Why a seller is not paid out for the time being."""

    RISK = "RISK"
    VERIFICATION = "VERIFICATION"
    OPERATOR = "OPERATOR"


@dataclass(frozen=True, slots=True)
class EscrowRequest:
    """One seller order to hold money for. `amount` = sum of `goods` (category code, money) + `shipping`.

    The commission is computed on `goods` by category and frozen; none is taken on shipping.
    """

    order_id: UUID
    seller_id: UUID
    amount: Money
    goods: tuple[tuple[str, Money], ...]
    shipping: Money


@dataclass(frozen=True, slots=True)
class EscrowView:
    """The hold of one seller order. `fee` is what the platform took so far, included in `released`.

    `release_at`: when the money goes to the seller by itself; `ship_by`: when it goes back by itself; None: no clock.
    """

    order_id: UUID
    seller_id: UUID
    buyer_id: UUID
    state: EscrowState
    amount: Money
    released: Money
    refunded: Money
    fee: Money
    fee_quoted: Money
    release_at: datetime | None
    ship_by: datetime | None
    can_extend: bool
    frozen: bool

    @property
    def order_number(self) -> str:
        """What people call the order."""
        return order_number(self.order_id)

    @property
    def held(self) -> Money:
        """What is still in escrow."""
        if self.state in (EscrowState.CREATED, EscrowState.CANCELLED):
            return Money.zero(self.amount.currency)
        return self.amount - self.released - self.refunded


@dataclass(frozen=True, slots=True)
class ChargeView:
    """One attempt to take the money of a purchase. `redirect_url` is set while the buyer must act elsewhere."""

    charge_id: UUID
    purchase_id: UUID
    buyer_id: UUID
    state: ChargeState
    amount: Money
    redirect_url: str | None
    failure_code: str | None
    failure_message: str


@dataclass(frozen=True, slots=True)
class SellerBalance:
    """Where a seller's money of one currency is. `held`: in escrow, before commission; `owed`: the seller's debt."""

    currency: str
    held: Money
    available: Money
    on_its_way: Money
    paid_out: Money
    owed: Money


@dataclass(frozen=True, slots=True)
class PayoutView:
    payout_id: UUID
    seller_id: UUID
    amount: Money
    state: PayoutState
    destination: str
    requested_at: datetime
    paid_at: datetime | None
    failure_code: str
    fee: Money
    instant: bool
    taken: Money
    """What left the balance: amount and fee, in the balance's currency (another one after an exchange)."""


@dataclass(frozen=True, slots=True)
class HoldView:
    """A reason why nothing is paid out; `note` is written for the seller. `until`: when it ends by itself."""

    reason: HoldReason | None
    note: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class TransferInstructions:
    """How to pay by bank transfer. `reference` is an ISO 11649 creditor reference; `received` came so far."""

    charge_id: UUID
    holder: str
    iban: str
    bic: str
    reference: str
    amount: Money
    received: Money
    expires_at: datetime

    @property
    def missing(self) -> Money:
        return self.amount - self.received


@dataclass(frozen=True, slots=True)
class Party:
    """Who stands on an invoice. `tax_number`: VAT number, with its country's letters."""

    party_id: UUID
    name: str
    street: str
    postcode: str
    town: str
    country: str
    tax_number: str = ""
    registration_number: str = ""


class PartyDirectory(Protocol):
    """Port: what other modules know about organisations. Plugged in config/wiring.py."""

    def find_party(self, organisation_id: UUID) -> Party | None:
        """Name and address for documents; None when nothing is known."""
        ...

    def payout_objection(self, organisation_id: UUID) -> str | None:
        """Why a seller must not be paid yet (verification), in words; None when nothing speaks against it."""
        ...


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """`amount` = unit price x quantity, VAT included where VAT is due."""

    title: str
    quantity: int
    amount: Money
    category_code: str = ""


@dataclass(frozen=True, slots=True)
class InvoiceRequest:
    """A sale to be invoiced by `seller`. `shipping` includes VAT; `ship_to` is the country the goods go to."""

    order_id: UUID
    order_number: str
    seller: Party
    buyer: Party
    lines: tuple[InvoiceLine, ...]
    shipping: Money
    ship_to: str
    ship_to_postcode: str
    supplied_on: date


@dataclass(frozen=True, slots=True)
class DocumentView:
    """An issued document. `kind`: INVOICE, CREDIT_NOTE or FEE_STATEMENT; amounts are totals."""

    document_id: UUID
    kind: str
    number: str
    issued_at: datetime
    gross: Money
    tax: Money


@dataclass(frozen=True, slots=True)
class PayoutDestinationView:
    """Where a seller is paid; the IBAN is masked (ES•• •••• 1234)."""

    seller_id: UUID
    holder: str
    iban_masked: str
    country: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class MoneyMovement:
    """One step of an order's money. `code` is stable (FUND, RELEASE, …); `source` and `target` are places' codes."""

    at: datetime
    code: str
    amount: Money
    source: str
    target: str


class ChargeNotFound(NotFound):
    code = "charge_not_found"
    message = "There is no such payment."


class AccountNotFound(NotFound):
    code = "account_not_found"
    message = "There is no such account."


class EscrowNotFound(NotFound):
    code = "escrow_not_found"
    message = "There is no money held for this order."


class EscrowTransitionRefused(TransitionRefused):
    """The escrow machine has no such edge for this party from where the money stands."""

    code = "escrow_transition_refused"


class StaleEscrow(DomainError):
    """Somebody else moved the escrow in between."""

    code = "escrow_changed"
    message = "The order changed in the meantime."
    remedy = "Look at it again and repeat if you still want to."


class EscrowSumMismatch(DomainError):
    code = "escrow_sum_mismatch"
    status = 422
    message = "The orders do not add up to the payment."


class ChargeAlreadyOpen(DomainError):
    code = "charge_already_open"
    message = "A payment for this purchase is already under way."


class ChargeAlreadyCaptured(DomainError):
    code = "charge_already_captured"
    message = "This purchase is already paid."


class ExtensionUsed(DomainError):
    code = "extension_used"
    message = "The inspection was already extended once."


class NotEnoughMoney(DomainError):
    """A balance would pass its bound; nothing moved."""

    code = "not_enough_money"
    message = "There is not enough money for this."


class IdempotencyConflict(DomainError):
    """The ledger already has another transaction under this key."""

    code = "idempotency_conflict"
    message = "This reference was already used for something else."


class InvalidIban(DomainError):
    code = "invalid_iban"
    status = 422
    message = "This is not a valid IBAN."
    remedy = "Check the number on a bank statement; it starts with two letters and two digits."


class PayoutHeld(DomainError):
    """A hold, a missing verification, or the cool-off after a new bank account."""

    code = "payout_held"
    message = "Payouts are on hold."


class InvalidSignature(DomainError):
    """A webhook that the provider did not sign, or signed too long ago."""

    code = "invalid_signature"
    status = 400
    message = "The signature does not fit."


class ProviderUnavailable(DomainError):
    """The provider did not answer; what happened there is not known yet."""

    code = "provider_unavailable"
    status = 503
    message = "The payment provider does not answer."
    remedy = "We ask again by ourselves; you are not charged twice."
