"""Events of payments. `order_id` is the seller order an escrow belongs to, `seller_id` an organisation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from core.events.base import Event
from core.money import Money

__all__ = [
    "AdjustmentPosted",
    "AdjustmentRejected",
    "AdjustmentRequested",
    "ChargeCaptured",
    "ChargeFailed",
    "ChargebackLost",
    "ChargebackOpened",
    "ChargebackWon",
    "DocumentIssued",
    "EscrowDecided",
    "EscrowFrozen",
    "EscrowFunded",
    "EscrowPartRefunded",
    "EscrowPartReleased",
    "EscrowRefunded",
    "EscrowReleaseDue",
    "EscrowReleased",
    "EscrowUnfrozen",
    "PayoutFailed",
    "PayoutHoldLifted",
    "PayoutHoldPlaced",
    "PayoutPaid",
    "PayoutRequested",
    "PayoutReturned",
    "RefundDone",
    "RefundFailed",
    "RefundRequested",
    "ReserveReleased",
    "StatementImported",
]


@dataclass(frozen=True)
class ChargeCaptured(Event):
    """The provider confirmed that the buyer's money arrived; all escrows of the purchase are funded."""

    wire_name: ClassVar[str] = "payments.charge.captured.v1"
    charge_id: UUID
    purchase_id: UUID
    amount: Money
    captured_at: datetime

    @property
    def key(self) -> str:
        return str(self.purchase_id)


@dataclass(frozen=True)
class ChargeFailed(Event):
    """The provider declined, or the charge expired unpaid; no money moved."""

    wire_name: ClassVar[str] = "payments.charge.failed.v1"
    charge_id: UUID
    purchase_id: UUID
    reason_code: str
    failed_at: datetime

    @property
    def key(self) -> str:
        return str(self.purchase_id)


@dataclass(frozen=True)
class _EscrowEvent(Event):
    wire_name: ClassVar[str] = "payments.escrow.abstract.v0"
    escrow_id: UUID
    order_id: UUID
    seller_id: UUID
    amount: Money
    at: datetime

    @property
    def key(self) -> str:
        return str(self.order_id)


@dataclass(frozen=True)
class EscrowFunded(_EscrowEvent):
    """`amount` of the buyer's money is held for this order."""

    wire_name: ClassVar[str] = "payments.escrow.funded.v1"


@dataclass(frozen=True)
class EscrowFrozen(_EscrowEvent):
    """A dispute froze `amount`; clocks are paused."""

    wire_name: ClassVar[str] = "payments.escrow.frozen.v1"


@dataclass(frozen=True)
class EscrowUnfrozen(_EscrowEvent):
    """The dispute was withdrawn; the clocks run again."""

    wire_name: ClassVar[str] = "payments.escrow.unfrozen.v1"


@dataclass(frozen=True)
class EscrowReleased(_EscrowEvent):
    """`amount` left the escrow for the seller: `fee` to the platform, the rest to the seller's payable balance."""

    wire_name: ClassVar[str] = "payments.escrow.released.v1"
    fee: Money
    automatic: bool


@dataclass(frozen=True)
class EscrowRefunded(_EscrowEvent):
    """`amount` went back to the buyer outside a dispute (cancelled before shipping, or not shipped in time)."""

    wire_name: ClassVar[str] = "payments.escrow.refunded.v1"
    reason: str


@dataclass(frozen=True)
class EscrowDecided(_EscrowEvent):
    """A dispute's decision was carried out: `amount` = `refunded` + `released` (the latter before `fee`)."""

    wire_name: ClassVar[str] = "payments.escrow.decided.v1"
    refunded: Money
    released: Money
    fee: Money


@dataclass(frozen=True)
class EscrowPartReleased(_EscrowEvent):
    """`amount` (with `fee`) left the escrow for the seller; the order's escrow goes on with the rest."""

    wire_name: ClassVar[str] = "payments.escrow.part_released.v1"
    fee: Money


@dataclass(frozen=True)
class EscrowPartRefunded(_EscrowEvent):
    """`amount` of an order in escrow went back to the buyer; the order's escrow goes on with the rest."""

    wire_name: ClassVar[str] = "payments.escrow.part_refunded.v1"
    reason: str


@dataclass(frozen=True)
class EscrowReleaseDue(_EscrowEvent):
    """`amount` goes to the seller by itself at `release_at`, in `days` days: the buyer's last call."""

    wire_name: ClassVar[str] = "payments.escrow.release_due.v1"
    buyer_id: UUID
    release_at: datetime
    days: int


@dataclass(frozen=True)
class _RefundEvent(Event):
    wire_name: ClassVar[str] = "payments.refund.abstract.v0"
    refund_id: UUID
    charge_id: UUID
    order_id: UUID | None
    amount: Money
    at: datetime

    @property
    def key(self) -> str:
        return str(self.order_id or self.charge_id)


@dataclass(frozen=True)
class RefundRequested(_RefundEvent):
    """`amount` left escrow or seller for the buyer; the provider is asked next."""

    wire_name: ClassVar[str] = "payments.refund.requested.v1"
    reason: str


@dataclass(frozen=True)
class RefundDone(_RefundEvent):
    """The provider sent the money back."""

    wire_name: ClassVar[str] = "payments.refund.done.v1"


@dataclass(frozen=True)
class RefundFailed(_RefundEvent):
    """The provider refused for good; the operator tries again or gives the buyer credit."""

    wire_name: ClassVar[str] = "payments.refund.failed.v1"
    reason_code: str


@dataclass(frozen=True)
class ReserveReleased(Event):
    """The reserve kept from a release was given back on its day."""

    wire_name: ClassVar[str] = "payments.reserve.released.v1"
    hold_id: UUID
    seller_id: UUID
    order_id: UUID
    amount: Money
    at: datetime

    @property
    def key(self) -> str:
        return str(self.seller_id)


@dataclass(frozen=True)
class _ChargebackEvent(Event):
    wire_name: ClassVar[str] = "payments.chargeback.abstract.v0"
    chargeback_id: UUID
    charge_id: UUID
    order_ids: tuple[UUID, ...]
    seller_ids: tuple[UUID, ...]
    amount: Money
    at: datetime

    @property
    def key(self) -> str:
        return str(self.chargeback_id)


@dataclass(frozen=True)
class ChargebackOpened(_ChargebackEvent):
    """A buyer's bank took `amount` back (or asks about it); evidence is wanted by `due_by`."""

    wire_name: ClassVar[str] = "payments.chargeback.opened.v1"
    reason: str
    due_by: datetime | None


@dataclass(frozen=True)
class ChargebackWon(_ChargebackEvent):
    """The bank decided for the seller: the money is back where it was."""

    wire_name: ClassVar[str] = "payments.chargeback.won.v1"


@dataclass(frozen=True)
class ChargebackLost(_ChargebackEvent):
    """The bank decided for the buyer: the money stays there; who bears it follows the policy."""

    wire_name: ClassVar[str] = "payments.chargeback.lost.v1"


@dataclass(frozen=True)
class _PayoutEvent(Event):
    wire_name: ClassVar[str] = "payments.payout.abstract.v0"
    payout_id: UUID
    seller_id: UUID
    amount: Money
    at: datetime

    @property
    def key(self) -> str:
        return str(self.payout_id)


@dataclass(frozen=True)
class PayoutRequested(_PayoutEvent):
    """`amount` left the seller's payable balance and is on its way to the bank."""

    wire_name: ClassVar[str] = "payments.payout.requested.v1"


@dataclass(frozen=True)
class PayoutPaid(_PayoutEvent):
    """The bank confirmed the payout."""

    wire_name: ClassVar[str] = "payments.payout.paid.v1"


@dataclass(frozen=True)
class PayoutFailed(_PayoutEvent):
    """The bank refused or returned the payout; `amount` is back in the payable balance."""

    wire_name: ClassVar[str] = "payments.payout.failed.v1"
    reason_code: str


@dataclass(frozen=True)
class PayoutReturned(_PayoutEvent):
    """The bank sent a payout back after it was paid; `amount` is back in the payable balance."""

    wire_name: ClassVar[str] = "payments.payout.returned.v1"
    reason_code: str


@dataclass(frozen=True)
class _HoldEvent(Event):
    wire_name: ClassVar[str] = "payments.payout_hold.abstract.v0"
    seller_id: UUID
    reason_code: str
    note: str
    at: datetime

    @property
    def key(self) -> str:
        return str(self.seller_id)


@dataclass(frozen=True)
class PayoutHoldPlaced(_HoldEvent):
    """Nothing is paid out to the seller until the hold is lifted."""

    wire_name: ClassVar[str] = "payments.payout_hold.placed.v1"


@dataclass(frozen=True)
class PayoutHoldLifted(_HoldEvent):
    """The hold is over; payouts go on by the seller's schedule."""

    wire_name: ClassVar[str] = "payments.payout_hold.lifted.v1"


@dataclass(frozen=True)
class StatementImported(Event):
    """A bank statement was read: `matched` lines explained themselves, `open_lines` wait for the operator."""

    wire_name: ClassVar[str] = "payments.statement.imported.v1"
    statement_id: UUID
    account: str
    matched: int
    open_lines: int
    at: datetime

    @property
    def key(self) -> str:
        return self.account


@dataclass(frozen=True)
class DocumentIssued(Event):
    """An invoice, credit note or fee statement has its number; it never changes afterwards."""

    wire_name: ClassVar[str] = "payments.document.issued.v1"
    document_id: UUID
    kind: str
    number: str
    issuer_id: UUID
    recipient_id: UUID
    order_id: UUID | None
    gross: Money
    at: datetime

    @property
    def key(self) -> str:
        return str(self.order_id or self.recipient_id)


@dataclass(frozen=True)
class _AdjustmentEvent(Event):
    wire_name: ClassVar[str] = "payments.adjustment.abstract.v0"
    adjustment_id: UUID
    seller_id: UUID
    kind: str
    amount: Money
    reason: str
    at: datetime

    @property
    def key(self) -> str:
        return str(self.seller_id)


@dataclass(frozen=True)
class AdjustmentRequested(_AdjustmentEvent):
    """An operator wants to correct a seller's balance; above the limit somebody else must approve."""

    wire_name: ClassVar[str] = "payments.adjustment.requested.v1"


@dataclass(frozen=True)
class AdjustmentPosted(_AdjustmentEvent):
    """The correction moved money: a negative `amount` was taken from the seller, a positive one given."""

    wire_name: ClassVar[str] = "payments.adjustment.posted.v1"


@dataclass(frozen=True)
class AdjustmentRejected(_AdjustmentEvent):
    """The second person said no; nothing moved."""

    wire_name: ClassVar[str] = "payments.adjustment.rejected.v1"
