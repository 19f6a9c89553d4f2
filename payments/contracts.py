"""What payments tells and is told: plain values, and the facts it refuses with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
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
    """Where a transfer to a seller's bank stands. FAILED: the amount is back in the payable balance."""

    REQUESTED = "REQUESTED"
    SUBMITTED = "SUBMITTED"
    PAID = "PAID"
    FAILED = "FAILED"


class RefundState(StrEnum):
    """Where money on its way back to a buyer stands. FAILED: the operator decides. CREDITED: kept as buyer's credit."""

    REQUESTED = "REQUESTED"
    SUBMITTED = "SUBMITTED"
    DONE = "DONE"
    FAILED = "FAILED"
    CREDITED = "CREDITED"


class ChargebackState(StrEnum):
    """A buyer's bank takes money back. WARNING_*: an inquiry, no money moved yet."""

    WARNING_NEEDS_RESPONSE = "WARNING_NEEDS_RESPONSE"
    WARNING_UNDER_REVIEW = "WARNING_UNDER_REVIEW"
    WARNING_CLOSED = "WARNING_CLOSED"
    NEEDS_RESPONSE = "NEEDS_RESPONSE"
    UNDER_REVIEW = "UNDER_REVIEW"
    WON = "WON"
    LOST = "LOST"


class LineKind(StrEnum):
    """Commission is taken on GOODS, never on SHIPPING."""

    GOODS = "GOODS"
    SHIPPING = "SHIPPING"


@dataclass(frozen=True, slots=True)
class EscrowLine:
    """A part of an order's money. `amount` is for all pieces, `tax` (included in it) is told for documents."""

    ref: str
    amount: Money
    category: str = ""
    quantity: int = 1
    tax: Money | None = None
    kind: LineKind = LineKind.GOODS


@dataclass(frozen=True, slots=True)
class EscrowRequest:
    """One seller order to hold money for. `amount` = sum of `lines`, or of `goods` (category, money) + `shipping`.

    The commission is computed on goods by category and frozen; none is taken on shipping. `lines` let parts of the
    order be released, frozen and refunded by their `ref`; without them the lines are "1", "2", … and "shipping".
    `milestone_of`: the order whose payment schedule this belongs to.
    """

    order_id: UUID
    seller_id: UUID
    amount: Money
    goods: tuple[tuple[str, Money], ...] = ()
    shipping: Money | None = None
    lines: tuple[EscrowLine, ...] = ()
    milestone_of: UUID | None = None


@dataclass(frozen=True, slots=True)
class EscrowLineView:
    """Where the money of one line is. `frozen`: in dispute or claimed by the buyer's bank."""

    ref: str
    kind: LineKind
    amount: Money
    released: Money
    refunded: Money
    frozen: Money

    @property
    def held(self) -> Money:
        """Still in escrow, frozen or not."""
        return self.amount - self.released - self.refunded


@dataclass(frozen=True, slots=True)
class EscrowView:
    """The hold of one seller order. `fee` is what the platform took so far (with `fee_vat`), included in `released`.

    `frozen_amount`: the part of `held` that a dispute or the buyer's bank keeps. `release_at`: when the money goes to
    the seller by itself; `ship_by`: when it goes back by itself; `decide_by`: when a dispute nobody decided ends; None:
    no clock.
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
    frozen_amount: Money
    fee_vat: Money
    paused: bool
    charged_back: bool
    decide_by: datetime | None

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
    """Where a seller's money of one currency is. `held`: in escrow, before commission; `owed`: the seller's debt.

    `reserve`: released, kept back for claims until its day; `disputed`: taken back while a bank decides a chargeback.
    """

    currency: str
    held: Money
    available: Money
    on_its_way: Money
    paid_out: Money
    owed: Money
    reserve: Money
    disputed: Money


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


@dataclass(frozen=True, slots=True)
class PayoutDestinationView:
    """Where a seller is paid; the IBAN is masked (ES•• •••• 1234)."""

    seller_id: UUID
    holder: str
    iban_masked: str
    country: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class RefundView:
    """Money on its way back to a buyer. `from_seller`: paid by the seller after release (`owed` of it as new debt)."""

    refund_id: UUID
    order_id: UUID | None
    amount: Money
    state: RefundState
    reason: str
    from_escrow: Money
    from_seller: Money
    fee_returned: Money
    created_at: datetime
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class ChargebackView:
    """A payment the buyer's bank takes back. `amount` is this seller's part when asked for one seller."""

    chargeback_id: UUID
    purchase_id: UUID
    order_ids: tuple[UUID, ...]
    state: ChargebackState
    reason: str
    amount: Money
    fee: Money
    opened_at: datetime
    due_by: datetime | None
    closed_at: datetime | None
    statement: str


@dataclass(frozen=True, slots=True)
class EvidenceParcel:
    carrier: str
    tracking_number: str
    delivered_at: datetime | None
    events: tuple[tuple[datetime, str], ...]


@dataclass(frozen=True, slots=True)
class OrderEvidence:
    """What the house knows about an order, for a bank that has to decide about it."""

    order_id: UUID
    number: str
    seller_name: str
    buyer_name: str
    placed_at: datetime
    paid_at: datetime | None
    total: Money
    lines: tuple[tuple[str, int, Money], ...]
    delivery_address: str
    parcels: tuple[EvidenceParcel, ...]
    messages: tuple[tuple[datetime, str, str], ...]


class EvidenceSource(Protocol):
    """Owned by payments, plugged in by config.wiring: the modules above know orders, parcels and messages."""

    def collect(self, order_id: UUID) -> OrderEvidence | None:
        """None when the order is not known."""
        ...


class MilestoneTrigger(StrEnum):
    """What releases a milestone: the buyer's acceptance (or silence after proof), or its funding (a deposit)."""

    ACCEPTANCE = "ACCEPTANCE"
    FUNDING = "FUNDING"


@dataclass(frozen=True, slots=True)
class MilestoneRequest:
    """A step of a payment schedule: deposit, balance, inspection."""

    name: str
    amount: Money
    trigger: MilestoneTrigger = MilestoneTrigger.ACCEPTANCE
    category: str = ""


@dataclass(frozen=True, slots=True)
class MilestoneView:
    """`escrow` is None until the milestone is charged; `milestone_id` is the order id of its escrow."""

    milestone_id: UUID
    order_id: UUID
    position: int
    name: str
    amount: Money
    trigger: MilestoneTrigger
    proof: str
    proven_at: datetime | None
    escrow: EscrowView | None


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


class UnknownLine(DomainError):
    code = "unknown_line"
    status = 422
    message = "The order has no such line."


class RefundTooLarge(DomainError):
    """More than was paid for it and is not refunded yet."""

    code = "refund_too_large"
    status = 422
    message = "That is more than can still be refunded."


class RefundDuringDispute(DomainError):
    """While a dispute or a chargeback is open, only its decision moves money."""

    code = "refund_during_dispute"
    message = "A dispute about this order is open. Its decision moves the money."


class RefundNotFound(NotFound):
    code = "refund_not_found"
    message = "There is no such refund."


class ChargebackNotFound(NotFound):
    code = "chargeback_not_found"
    message = "There is no such chargeback."


class ChargebackClosed(DomainError):
    """The bank has decided, or has the evidence already."""

    code = "chargeback_closed"
    message = "The bank no longer takes anything for this chargeback."


class MilestoneNotFound(NotFound):
    code = "milestone_not_found"
    message = "There is no such milestone."


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
