"""What the marketplace tells others and the errors its doors raise. Plain Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from core.errors import DomainError, InvalidInput, NotAllowed, NotFound
from core.money import Money

# isort: off
from marketplace.bargaining import (
    AwayMode as AwayMode,
    Blocked as Blocked,
    MessageSide as MessageSide,
    OfferInput as OfferInput,
    QuickReplyNotFound as QuickReplyNotFound,
    QuotaUsedUp as QuotaUsedUp,
    QuoteNotFound as QuoteNotFound,
    QuoteState as QuoteState,
    ReportNotFound as ReportNotFound,
    ReportReason as ReportReason,
    ReportState as ReportState,
    SaidView as SaidView,
    ShopAway as ShopAway,
    ShopInput as ShopInput,
    TenderNotFound as TenderNotFound,
    TenderState as TenderState,
    ThreadKind as ThreadKind,
    ThreadNotFound as ThreadNotFound,
    TooManyMessages as TooManyMessages,
    Translator as Translator,
)

# isort: on
from payments.contracts import MilestoneTrigger


class SellerState(StrEnum):
    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    VERIFIED = "VERIFIED"
    REJECTED = "REJECTED"
    SUSPENDED = "SUSPENDED"


class AgreementState(StrEnum):
    """Something made to order: asked for, offered with a payment plan, and accepted or not."""

    REQUESTED = "REQUESTED"
    PROPOSED = "PROPOSED"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    WITHDRAWN = "WITHDRAWN"


class OrderState(StrEnum):
    AWAITING_PAYMENT = "AWAITING_PAYMENT"
    PAID = "PAID"
    PARTLY_SHIPPED = "PARTLY_SHIPPED"
    SHIPPED = "SHIPPED"
    DELIVERED = "DELIVERED"
    DISPUTED = "DISPUTED"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"
    REFUNDED = "REFUNDED"


@dataclass(frozen=True)
class Place:
    """A postal address of one of the parties; `district` is a part of the town, where it is written on its own."""

    name: str
    street: str
    city: str
    postcode: str
    country: str
    region: str = ""
    phone: str = ""
    company: str = ""
    district: str = ""


@dataclass(frozen=True)
class SellerView:
    """A seller's public and operator-visible facts. `seller_id` is the organisation's id."""

    seller_id: UUID
    name: str
    slug: str
    state: SellerState
    country: str
    legal_name: str
    registration_number: str
    vat_number: str
    opened_at: datetime | None
    submitted_at: datetime | None


@dataclass(frozen=True)
class OrderLineView:
    line_id: UUID
    listing_id: UUID
    title: str
    quantity: int
    unit_price: Money
    category_code: str


@dataclass(frozen=True)
class OrderView:
    """One seller's part of a purchase."""

    order_id: UUID
    number: str
    purchase_id: UUID
    buyer_id: UUID
    seller_id: UUID
    seller_name: str
    buyer_name: str
    state: OrderState
    total: Money
    shipping: Money
    lines: tuple[OrderLineView, ...]
    placed_at: datetime
    paid_at: datetime | None
    shipped_at: datetime | None
    delivered_at: datetime | None
    completed_at: datetime | None
    ship_by: datetime | None
    promised_latest: date | None
    agreement_id: UUID | None = None
    """Set when this is a step of an agreement, seen as an order of its own."""


@dataclass(frozen=True)
class AgreementStepInput:
    """A step of a payment plan as a seller offers it."""

    name: str
    amount: Money
    trigger: MilestoneTrigger


@dataclass(frozen=True)
class NeedInput:
    """What a buyer looks for. `target`: the price for one piece they hope for; `days`: how long sellers may answer."""

    category_code: str
    title: str
    need: str
    quantity: int
    address: Place
    days: int
    target: Money | None = None


@dataclass(frozen=True)
class SellerStanding:
    """Reputation figures of a seller, computed by trust and shown where the price stands. Shares in basis points."""

    seller_id: UUID
    rating_hundredths: int
    rating_count: int
    orders_count: int
    promise_kept_bp: int | None
    dispute_rate_bp: int | None
    cancel_rate_bp: int | None
    on_time_bp: int | None


@dataclass(frozen=True)
class ListingSignals:
    """Behaviour and quality figures of a listing, computed by analytics for ranking. Rates in basis points."""

    listing_id: UUID
    rating_hundredths: int
    rating_count: int
    units_sold_30d: int
    views_30d: int
    click_rate_bp: int
    conversion_bp: int
    computed_at: datetime


@dataclass(frozen=True)
class ListingView:
    listing_id: UUID
    seller_id: UUID
    title: str
    price: Money
    available: int
    is_published: bool
    category_code: str


@dataclass(frozen=True, slots=True)
class Candidates:
    """Retrieved listings in order of retrieval, as columns: how well each fits the words (0 to 1; 0 when browsing), and
    features read from the index.

    Features: rating_hundredths, rating_count, units_sold_30d, click_rate_bp, conversion_bp, promise_kept_bp (-1
    unknown), dispute_rate_bp (-1 unknown), age_days, price_minor, has_photo.
    """

    text_scores: Sequence[float]
    features: Mapping[str, Sequence[int]]

    def __len__(self) -> int:
        return len(self.text_scores)


@dataclass(frozen=True, slots=True)
class Factor:
    """One reason for a place in the results: a stable code, what it added to the score, and the value behind it."""

    code: str
    contribution: float
    value: int


@dataclass(frozen=True, slots=True)
class Ranked:
    """A place in the results: which of the candidates stands there (its number among them), and why."""

    position: int
    score: float
    factors: tuple[Factor, ...]


class RankingModel(Protocol):
    """Orders candidates and says why. Pure: the same candidates give the same order."""

    @property
    def version(self) -> str: ...

    def rank(self, candidates: Candidates) -> Sequence[Ranked]:
        """All candidates, best first."""
        ...


@dataclass(frozen=True)
class ProfileInput:
    """A business profile as typed."""

    name: str
    slug: str
    kind: str
    legal_name: str
    registration_number: str
    vat_number: str
    street: str
    city: str
    postcode: str
    region: str
    country: str
    phone: str
    story: str
    policies: str
    handling_days: int


@dataclass(frozen=True)
class PriceTier:
    """From so many pieces on, one costs `price`; `handling_days` where that many take longer to get ready."""

    from_quantity: int
    price: Money
    handling_days: int | None = None


@dataclass(frozen=True)
class SellingTerms:
    """How a listing is sold: at least `min_quantity`, in whole packs of `pack_size`, cheaper by the `tiers`."""

    min_quantity: int = 1
    pack_size: int = 1
    unit: str = "PIECE"
    tiers: tuple[PriceTier, ...] = ()


@dataclass(frozen=True)
class ProductSafety:
    """Who made a thing and who answers for it in the Union, as Regulation (EU) 2023/988 (GPSR), art. 19, has it shown."""

    maker_name: str = ""
    maker_address: str = ""
    maker_email: str = ""
    maker_country: str = ""
    person_name: str = ""
    person_address: str = ""
    person_email: str = ""
    warnings: str = ""


@dataclass(frozen=True)
class ListingInput:
    """A listing as typed. Money in the seller's currency; sizes of the packed piece. Without `terms` or `safety` what a
    listing has stays as it is."""

    category_code: str
    title: str
    description: str
    price: Money
    stock: int
    weight_grams: int
    length_mm: int
    width_mm: int
    height_mm: int
    handling_days: int
    brand: str = ""
    gtin: str = ""
    condition: str = "NEW"
    attributes: Mapping[str, Any] = field(default_factory=dict)
    terms: SellingTerms | None = None
    sku: str = ""
    safety: ProductSafety | None = None


@dataclass(frozen=True)
class StoredPhoto:
    """A picture that is already in the store; `name` is the file stem below MEDIA_ROOT/listings."""

    name: str
    width: int
    height: int
    alt: str


@dataclass(frozen=True)
class ImportRow:
    """A listing of an import, with its pictures in order. Rows of one `product` are its variants, told apart by the
    attributes named in `options`."""

    listing: ListingInput
    photos: tuple[StoredPhoto, ...] = ()
    product: str = ""
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class PromotionInput:
    """A seller's code as typed. `kind`: PERCENT (with `percent`), FIXED (with `amount`) or FREE_SHIPPING."""

    code: str
    kind: str
    percent: int = 0
    amount: Money | None = None
    min_basket: Money | None = None
    limit_total: int | None = None
    limit_per_buyer: int | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True)
class PlaceRequest:
    """A checkout as confirmed by the buyer. `delivery`: seller id -> service code; `expected_total`: what they saw."""

    key: str
    address: Place
    delivery: Mapping[UUID, str]
    expected_total: Money | None = None
    gift_notes: Mapping[UUID, str] = field(default_factory=dict)
    """Seller id -> words for whoever unpacks the parcel; they make that order a gift."""
    po_number: str = ""


# ------------------------------------------------------------------------------------------------ placing


class SellerNotVerified(NotAllowed):
    code = "seller_not_verified"
    message = "The seller is not verified yet."
    remedy = "Complete the business profile and wait for the operator's decision."


class NotEnoughStock(DomainError):
    """Fewer are left than asked for."""

    code = "not_enough_stock"
    message = "There are not enough left."
    remedy = "Lower the quantity or remove the line."


class QuantityRefused(InvalidInput):
    """Fewer than the seller's minimum, or not whole packs; never priced in silence."""

    code = "quantity_refused"
    message = "This quantity is not sold."
    remedy = "Choose at least the minimum, in whole packs."


class CodeRefused(InvalidInput):
    """The code of the cart does nothing (any more); nothing was placed."""

    code = "code_refused"
    message = "This code is not valid for what is in your cart."
    remedy = "Take it out or correct it."


class NoReduction(InvalidInput):
    """A reduction may be announced only from the lowest price of the 30 days before it (Directive 98/6/EC, art. 6a)."""

    code = "no_reduction"
    message = "This is not a reduction."


class ListingUnavailable(DomainError):
    code = "listing_unavailable"
    message = "This listing cannot be bought at the moment."
    remedy = "Remove it from the cart."


class EmptyCart(InvalidInput):
    code = "empty_cart"
    message = "The cart is empty."
    remedy = "Add something to it first."


class MixedCurrencies(InvalidInput):
    code = "mixed_currencies"
    message = "The cart holds prices in several currencies."
    remedy = "Check out the sellers of one currency first."


class OwnGoods(NotAllowed):
    code = "own_goods"
    message = "You cannot buy from your own shop."


class DeliveryUnavailable(InvalidInput):
    """The chosen delivery service does not serve this parcel or address (any more)."""

    code = "delivery_unavailable"
    message = "This delivery option is not available for the address."
    remedy = "Ask for the options again and choose one of them."


class PriceChanged(DomainError):
    """What the buyer saw is not what it costs now; nothing was placed."""

    code = "price_changed"
    message = "A price or delivery cost has changed since you saw it."
    remedy = "Review the new total and confirm again."


class PaymentUnderWay(DomainError):
    """Someone cancels in the moment the money comes in."""

    code = "payment_under_way"
    message = "The payment is coming in at this moment."
    remedy = "Look again in a minute; a paid order can be cancelled until it is shipped."


class OrderNotFound(NotFound):
    message = "There is no such order."


class AgreementNotFound(NotFound):
    message = "There is no such agreement."


class ListingNotFound(NotFound):
    message = "There is no such listing."
