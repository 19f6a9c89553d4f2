"""What payments tells and is told: plain values, and the facts it refuses with (payments.refusals)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from core.ids import order_number
from core.money import Money
from payments.ports import *  # noqa: F403
from payments.ports import Party
from payments.refusals import *  # noqa: F403
from payments.refusals import (
    ChargeAlreadyCaptured as ChargeAlreadyCaptured,
)
from payments.refusals import (
    ChargeAlreadyOpen as ChargeAlreadyOpen,
)
from payments.refusals import (
    ChargebackClosed as ChargebackClosed,
)
from payments.refusals import (
    ChargebackNotFound as ChargebackNotFound,
)
from payments.refusals import (
    ChargeNotFound as ChargeNotFound,
)
from payments.refusals import (
    EscrowNotFound as EscrowNotFound,
)
from payments.refusals import (
    EscrowSumMismatch as EscrowSumMismatch,
)
from payments.refusals import (
    EscrowTransitionRefused as EscrowTransitionRefused,
)
from payments.refusals import (
    ExtensionUsed as ExtensionUsed,
)
from payments.refusals import (
    IdempotencyConflict as IdempotencyConflict,
)
from payments.refusals import (
    InvalidIban as InvalidIban,
)
from payments.refusals import (
    InvalidSignature as InvalidSignature,
)
from payments.refusals import (
    MilestoneNotFound as MilestoneNotFound,
)
from payments.refusals import (
    NotEnoughMoney as NotEnoughMoney,
)
from payments.refusals import (
    PayoutHeld as PayoutHeld,
)
from payments.refusals import (
    ProviderUnavailable as ProviderUnavailable,
)
from payments.refusals import (
    RefundDuringDispute as RefundDuringDispute,
)
from payments.refusals import (
    RefundNotFound as RefundNotFound,
)
from payments.refusals import (
    RefundTooLarge as RefundTooLarge,
)
from payments.refusals import (
    StaleEscrow as StaleEscrow,
)
from payments.refusals import (
    UnknownLine as UnknownLine,
)


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
    `milestone_of`: the order whose payment schedule this belongs to. `contribution`: what the platform adds to what the
    seller gets, in proportion to what is released to them.
    """

    order_id: UUID
    seller_id: UUID
    amount: Money
    goods: tuple[tuple[str, Money], ...] = ()
    shipping: Money | None = None
    lines: tuple[EscrowLine, ...] = ()
    milestone_of: UUID | None = None
    contribution: Money | None = None


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
    po_number: str = ""
    """The buyer's purchase order number."""


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
    milestone_id: UUID | None = None
    """The caller's own id of the step; one is made without."""


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
