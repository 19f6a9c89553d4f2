"""Events of payments. `order_id` is the seller order an escrow belongs to, `seller_id` an organisation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from core.events.base import Event
from core.money import Money

__all__ = [
    "ChargeCaptured",
    "ChargeFailed",
    "ChargebackLost",
    "ChargebackOpened",
    "ChargebackWon",
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
    "PayoutPaid",
    "PayoutRequested",
    "RefundDone",
    "RefundFailed",
    "RefundRequested",
    "ReserveReleased",
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
