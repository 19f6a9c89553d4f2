"""Events of the marketplace: shops, listings, purchases (one payment) and orders (one seller each)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from core.events.base import Event
from core.money import Money

__all__ = [
    "AgreementAccepted",
    "AgreementClosed",
    "AgreementProposed",
    "AgreementRequested",
    "ListingHeld",
    "ListingLowOnStock",
    "ListingNotPublished",
    "ListingPublished",
    "ListingReviewed",
    "ListingWithdrawn",
    "MessageSent",
    "ModerationRuleChanged",
    "OrderCancelled",
    "OrderCompleted",
    "OrderDelivered",
    "OrderLine",
    "OrderPaid",
    "OrderPlaced",
    "OrderReduced",
    "OrderShipped",
    "OrderWithdrawn",
    "PurchaseApprovalMoved",
    "QuoteAccepted",
    "QuoteClosed",
    "QuoteOffered",
    "QuoteRequested",
    "ReturnMoved",
    "ReturnedLine",
    "SellerProfileSubmitted",
    "ShopOpened",
    "TenderClosed",
    "TenderPublished",
]


@dataclass(frozen=True)
class OrderLine:
    """One line of an order as sold."""

    listing_id: UUID
    title: str
    quantity: int
    unit_price: Money


@dataclass(frozen=True)
class SellerProfileSubmitted(Event):
    """A seller asks to be verified."""

    wire_name: ClassVar[str] = "marketplace.seller.submitted.v1"
    seller_id: UUID
    submitted_at: datetime

    @property
    def key(self) -> str:
        return str(self.seller_id)


@dataclass(frozen=True)
class ShopOpened(Event):
    """A verified seller's shop page is public."""

    wire_name: ClassVar[str] = "marketplace.shop.opened.v1"
    seller_id: UUID
    slug: str
    opened_at: datetime

    @property
    def key(self) -> str:
        return str(self.seller_id)


@dataclass(frozen=True)
class _ListingEvent(Event):
    wire_name: ClassVar[str] = "marketplace.listing.abstract.v0"
    listing_id: UUID
    seller_id: UUID
    at: datetime

    @property
    def key(self) -> str:
        return str(self.listing_id)


@dataclass(frozen=True)
class ListingPublished(_ListingEvent):
    """A listing can be found and bought."""

    wire_name: ClassVar[str] = "marketplace.listing.published.v1"


@dataclass(frozen=True)
class ListingWithdrawn(_ListingEvent):
    """A listing can no longer be bought."""

    wire_name: ClassVar[str] = "marketplace.listing.withdrawn.v1"


@dataclass(frozen=True)
class ListingHeld(_ListingEvent):
    """A listing waits for a person's look before it goes on sale."""

    wire_name: ClassVar[str] = "marketplace.listing.held.v1"
    case_id: UUID


@dataclass(frozen=True)
class ListingLowOnStock(_ListingEvent):
    """So few free pieces are left that its seller wants to hear of it."""

    wire_name: ClassVar[str] = "marketplace.listing.low_on_stock.v1"
    left: int


@dataclass(frozen=True)
class ListingNotPublished(_ListingEvent):
    """A listing was to go on sale by itself and could not."""

    wire_name: ClassVar[str] = "marketplace.listing.not_published.v1"
    reason: str


@dataclass(frozen=True)
class ListingReviewed(_ListingEvent):
    """Somebody has looked at a held listing: it is on sale now, or its seller must change it."""

    wire_name: ClassVar[str] = "marketplace.listing.reviewed.v1"
    case_id: UUID
    approved: bool


@dataclass(frozen=True)
class ModerationRuleChanged(Event):
    """A rule of what may be sold was made, changed, or put out of force."""

    wire_name: ClassVar[str] = "marketplace.moderation_rule.changed.v1"
    code: str
    version: int
    at: datetime

    @property
    def key(self) -> str:
        return self.code


@dataclass(frozen=True)
class _OrderEvent(Event):
    wire_name: ClassVar[str] = "marketplace.order.abstract.v0"
    order_id: UUID
    number: str
    purchase_id: UUID
    buyer_id: UUID
    seller_id: UUID
    at: datetime

    @property
    def key(self) -> str:
        return str(self.order_id)


@dataclass(frozen=True)
class OrderPlaced(_OrderEvent):
    """The buyer committed to buy; stock is reserved, payment is awaited."""

    wire_name: ClassVar[str] = "marketplace.order.placed.v1"
    total: Money
    lines: tuple[OrderLine, ...]


@dataclass(frozen=True)
class OrderPaid(_OrderEvent):
    """The money is in escrow; the seller is to ship."""

    wire_name: ClassVar[str] = "marketplace.order.paid.v1"
    total: Money
    lines: tuple[OrderLine, ...]


@dataclass(frozen=True)
class OrderShipped(_OrderEvent):
    """The parcel is with the carrier."""

    wire_name: ClassVar[str] = "marketplace.order.shipped.v1"
    on_time: bool


@dataclass(frozen=True)
class OrderDelivered(_OrderEvent):
    """The parcel arrived; the inspection window runs."""

    wire_name: ClassVar[str] = "marketplace.order.delivered.v1"
    kept_promise: bool


@dataclass(frozen=True)
class OrderCompleted(_OrderEvent):
    """The order is over and the seller was paid, in full or as decided."""

    wire_name: ClassVar[str] = "marketplace.order.completed.v1"
    total: Money


@dataclass(frozen=True)
class OrderCancelled(_OrderEvent):
    """The order ended without goods; what was paid goes back. `by` is BUYER, SELLER, OPERATOR or SYSTEM."""

    wire_name: ClassVar[str] = "marketplace.order.cancelled.v1"
    by: str
    reason: str
    was_paid: bool


@dataclass(frozen=True)
class OrderReduced(_OrderEvent):
    """Some pieces will not come; `amount` goes back to the buyer and the order goes on with the rest."""

    wire_name: ClassVar[str] = "marketplace.order.reduced.v1"
    pieces: int
    amount: Money
    reason: str


@dataclass(frozen=True)
class OrderWithdrawn(_OrderEvent):
    """The buyer withdrew from the contract for some pieces (directive 2011/83/EU, article 11a)."""

    wire_name: ClassVar[str] = "marketplace.order.withdrawn.v1"
    withdrawal_id: UUID
    pieces: int


@dataclass(frozen=True)
class PurchaseApprovalMoved(Event):
    """A purchase above its buyer's limit waits for a colleague (WAITING), or came to APPROVED, REFUSED or EXPIRED."""

    wire_name: ClassVar[str] = "marketplace.purchase.approval_moved.v1"
    purchase_id: UUID
    number: str
    buyer_id: UUID
    state: str
    total: Money
    reason: str
    at: datetime

    @property
    def key(self) -> str:
        return str(self.purchase_id)


@dataclass(frozen=True)
class _AgreementEvent(Event):
    wire_name: ClassVar[str] = "marketplace.agreement.abstract.v0"
    agreement_id: UUID
    number: str
    listing_id: UUID
    buyer_id: UUID
    seller_id: UUID
    at: datetime

    @property
    def key(self) -> str:
        return str(self.agreement_id)


@dataclass(frozen=True)
class AgreementRequested(_AgreementEvent):
    """A buyer asks a seller for something made to order."""

    wire_name: ClassVar[str] = "marketplace.agreement.requested.v1"


@dataclass(frozen=True)
class AgreementProposed(_AgreementEvent):
    """The seller offers it with a payment plan of `total`; a later offer replaces an earlier one."""

    wire_name: ClassVar[str] = "marketplace.agreement.proposed.v1"
    total: Money


@dataclass(frozen=True)
class AgreementAccepted(_AgreementEvent):
    """The buyer accepted; each step is now paid, shown and released on its own."""

    wire_name: ClassVar[str] = "marketplace.agreement.accepted.v1"
    total: Money


@dataclass(frozen=True)
class AgreementClosed(_AgreementEvent):
    """One side (`by` is BUYER or SELLER) ended it before it was accepted."""

    wire_name: ClassVar[str] = "marketplace.agreement.closed.v1"
    by: str
    reason: str


@dataclass(frozen=True)
class MessageSent(Event):
    """Buyer and seller write each other about a listing, a shop, an order or a quote. The text is read where it stands."""

    wire_name: ClassVar[str] = "marketplace.message.sent.v1"
    thread_id: UUID
    message_id: UUID
    kind: str
    subject_id: UUID
    buyer_id: UUID
    seller_id: UUID
    by: str
    at: datetime

    @property
    def key(self) -> str:
        return str(self.thread_id)


@dataclass(frozen=True)
class _QuoteEvent(Event):
    wire_name: ClassVar[str] = "marketplace.quote.abstract.v0"
    quote_id: UUID
    number: str
    listing_id: UUID
    buyer_id: UUID
    seller_id: UUID
    at: datetime

    @property
    def key(self) -> str:
        return str(self.quote_id)


@dataclass(frozen=True)
class QuoteRequested(_QuoteEvent):
    """A buyer asks a seller for a price."""

    wire_name: ClassVar[str] = "marketplace.quote.requested.v1"
    quantity: int


@dataclass(frozen=True)
class QuoteOffered(_QuoteEvent):
    """One side (`by` is BUYER or SELLER) offers what it would agree to; a later word replaces an earlier one."""

    wire_name: ClassVar[str] = "marketplace.quote.offered.v1"
    by: str
    quantity: int
    unit_price: Money
    total: Money
    valid_until: datetime


@dataclass(frozen=True)
class QuoteAccepted(_QuoteEvent):
    """Agreed: the purchase with this price is placed, its stock reserved, and the buyer is to pay."""

    wire_name: ClassVar[str] = "marketplace.quote.accepted.v1"
    by: str
    purchase_id: UUID
    total: Money


@dataclass(frozen=True)
class QuoteClosed(_QuoteEvent):
    """Over without a price: `outcome` is DECLINED, WITHDRAWN, EXPIRED or CONVERTED (goes on as something made to order)."""

    wire_name: ClassVar[str] = "marketplace.quote.closed.v1"
    outcome: str
    by: str
    reason: str


@dataclass(frozen=True)
class _TenderEvent(Event):
    wire_name: ClassVar[str] = "marketplace.tender.abstract.v0"
    tender_id: UUID
    number: str
    buyer_id: UUID
    category_code: str
    at: datetime

    @property
    def key(self) -> str:
        return str(self.tender_id)


@dataclass(frozen=True)
class TenderPublished(_TenderEvent):
    """A buyer's need is told to matching sellers, who may answer with quotes until the deadline."""

    wire_name: ClassVar[str] = "marketplace.tender.published.v1"
    quantity: int
    deadline: datetime
    invited: int


@dataclass(frozen=True)
class TenderClosed(_TenderEvent):
    """No more quotes: `outcome` is AWARDED, CLOSED (by the buyer) or EXPIRED."""

    wire_name: ClassVar[str] = "marketplace.tender.closed.v1"
    outcome: str
    quote_id: UUID | None


@dataclass(frozen=True)
class ReturnedLine:
    """Pieces of a listing that go back, and why."""

    listing_id: UUID
    quantity: int
    reason: str


@dataclass(frozen=True)
class ReturnMoved(Event):
    """A return of bought goods came to `state` (from none when it was asked for); `refunded` so far because of it."""

    wire_name: ClassVar[str] = "marketplace.return.moved.v1"
    return_id: UUID
    number: str
    order_id: UUID
    buyer_id: UUID
    seller_id: UUID
    at: datetime
    state: str
    previous_state: str
    refunded: Money
    lines: tuple[ReturnedLine, ...]

    @property
    def key(self) -> str:
        return str(self.order_id)
