"""What logistics tells and takes: plain frozen values, enums and errors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from core.errors import DomainError, NotFound
from core.money import Money

PROMISE_MODEL = "table-1"
"""Version of the promise model: quantiles of transit days read from the rate sheet."""

PROMISE_QUANTILE_BPS = 9000
"""The last day of a promise is the 90 % quantile of the transit time."""


class TrackingStatus(StrEnum):
    """Where a parcel stands: the 18 canonical statuses, and UNKNOWN for carrier codes nobody has mapped yet."""

    REGISTERED = "REGISTERED"
    AWAITING_PICKUP = "AWAITING_PICKUP"
    PICKED_UP = "PICKED_UP"
    IN_TRANSIT = "IN_TRANSIT"
    AT_HUB = "AT_HUB"
    CUSTOMS = "CUSTOMS"
    OUT_FOR_DELIVERY = "OUT_FOR_DELIVERY"
    ATTEMPT_FAILED = "ATTEMPT_FAILED"
    READY_FOR_PICKUP = "READY_FOR_PICKUP"
    DELIVERED = "DELIVERED"
    ON_HOLD = "ON_HOLD"
    DELAYED = "DELAYED"
    RETURNING = "RETURNING"
    RETURNED = "RETURNED"
    DAMAGED = "DAMAGED"
    SUSPECTED_LOST = "SUSPECTED_LOST"
    LOST = "LOST"
    CANCELLED = "CANCELLED"
    UNKNOWN = "UNKNOWN"


class LiableParty(StrEnum):
    """Who answers for an incident. NOBODY: weather, catastrophes, and causes not yet known."""

    CARRIER = "CARRIER"
    SELLER = "SELLER"
    BUYER = "BUYER"
    CUSTOMS = "CUSTOMS"
    PLATFORM = "PLATFORM"
    NOBODY = "NOBODY"


class IncidentReason(StrEnum):
    """Why something went wrong: Karrio's 35 reasons and three of the platform's own. The prefix says who answers."""

    CARRIER_DAMAGED_PARCEL = "CARRIER_DAMAGED_PARCEL"
    CARRIER_SORTING_ERROR = "CARRIER_SORTING_ERROR"
    CARRIER_ADDRESS_NOT_FOUND = "CARRIER_ADDRESS_NOT_FOUND"
    CARRIER_PARCEL_LOST = "CARRIER_PARCEL_LOST"
    CARRIER_NOT_ENOUGH_TIME = "CARRIER_NOT_ENOUGH_TIME"
    CARRIER_VEHICLE_ISSUE = "CARRIER_VEHICLE_ISSUE"
    CARRIER_CAPACITY_EXCEEDED = "CARRIER_CAPACITY_EXCEEDED"
    CARRIER_MECHANICAL_DELAY = "CARRIER_MECHANICAL_DELAY"
    RETAILER_CANCELLED = "RETAILER_CANCELLED"
    RETAILER_INCORRECT_DATA = "RETAILER_INCORRECT_DATA"
    RETAILER_NOT_READY = "RETAILER_NOT_READY"
    RETAILER_INCORRECT_PARCEL = "RETAILER_INCORRECT_PARCEL"
    RETAILER_INCORRECT_DIMENSIONS = "RETAILER_INCORRECT_DIMENSIONS"
    RETAILER_PACKAGING_ISSUE = "RETAILER_PACKAGING_ISSUE"
    CONSIGNEE_REFUSED = "CONSIGNEE_REFUSED"
    CONSIGNEE_BUSINESS_CLOSED = "CONSIGNEE_BUSINESS_CLOSED"
    CONSIGNEE_NOT_AVAILABLE = "CONSIGNEE_NOT_AVAILABLE"
    CONSIGNEE_NOT_HOME = "CONSIGNEE_NOT_HOME"
    CONSIGNEE_CANCELLED = "CONSIGNEE_CANCELLED"
    CONSIGNEE_VERIFICATION_FAILED = "CONSIGNEE_VERIFICATION_FAILED"
    CONSIGNEE_INCORRECT_ADDRESS = "CONSIGNEE_INCORRECT_ADDRESS"
    CONSIGNEE_ACCESS_RESTRICTED = "CONSIGNEE_ACCESS_RESTRICTED"
    CONSIGNEE_SAFE_PLACE_UNAVAILABLE = "CONSIGNEE_SAFE_PLACE_UNAVAILABLE"
    CUSTOMS_DELAY = "CUSTOMS_DELAY"
    CUSTOMS_DOCUMENTATION = "CUSTOMS_DOCUMENTATION"
    CUSTOMS_DUTIES_UNPAID = "CUSTOMS_DUTIES_UNPAID"
    CUSTOMS_PROHIBITED = "CUSTOMS_PROHIBITED"
    CUSTOMS_INSPECTION = "CUSTOMS_INSPECTION"
    WEATHER_DELAY = "WEATHER_DELAY"
    NATURAL_DISASTER = "NATURAL_DISASTER"
    FORCE_MAJEURE = "FORCE_MAJEURE"
    PARCEL_BEING_RESEARCHED = "PARCEL_BEING_RESEARCHED"
    SECURITY_ISSUE = "SECURITY_ISSUE"
    REGULATORY_HOLD = "REGULATORY_HOLD"
    UNKNOWN = "UNKNOWN"
    PLATFORM_MISROUTE = "PLATFORM_MISROUTE"
    PLATFORM_LABEL_ERROR = "PLATFORM_LABEL_ERROR"
    PLATFORM_MISSED_CUTOFF = "PLATFORM_MISSED_CUTOFF"

    @property
    def liable(self) -> LiableParty:
        """Who answers for it."""
        prefix = self.value.split("_", 1)[0]
        return {
            "CARRIER": LiableParty.CARRIER, "RETAILER": LiableParty.SELLER, "CONSIGNEE": LiableParty.BUYER,
            "CUSTOMS": LiableParty.CUSTOMS, "PLATFORM": LiableParty.PLATFORM,
        }.get(prefix, LiableParty.NOBODY)  # fmt: skip


class ShipmentState(StrEnum):
    """What the shipment is to the trade. BOOKING: wanted, but the carrier has not confirmed yet."""

    BOOKING = "BOOKING"
    BOOKED = "BOOKED"
    HANDED_OVER = "HANDED_OVER"
    DELIVERED = "DELIVERED"
    RETURNED = "RETURNED"
    LOST = "LOST"
    CANCELLED = "CANCELLED"


class ShipmentPurpose(StrEnum):
    """What a shipment carries: the goods of an order, goods on their way back, or new ones instead."""

    ORDER = "ORDER"
    RETURN = "RETURN"
    REPLACEMENT = "REPLACEMENT"


class DeliveryKind(StrEnum):
    """EXPRESS is a courier, POST the economy post."""

    EXPRESS = "EXPRESS"
    POST = "POST"


class RejectionReason(StrEnum):
    """Why a service was not offered."""

    CARRIER_INACTIVE = "CARRIER_INACTIVE"
    CARRIER_RESTS = "CARRIER_RESTS"
    BUDGET_SPENT = "BUDGET_SPENT"
    ORIGIN_NOT_SERVED = "ORIGIN_NOT_SERVED"
    DESTINATION_NOT_SERVED = "DESTINATION_NOT_SERVED"
    LANE_NOT_SERVED = "LANE_NOT_SERVED"
    TOO_HEAVY = "TOO_HEAVY"
    TOO_LARGE = "TOO_LARGE"
    CURRENCY_NOT_OFFERED = "CURRENCY_NOT_OFFERED"
    DANGEROUS_NOT_TAKEN = "DANGEROUS_NOT_TAKEN"
    FRAGILE_NOT_TAKEN = "FRAGILE_NOT_TAKEN"
    PERISHABLE_NOT_TAKEN = "PERISHABLE_NOT_TAKEN"
    HIGH_VALUE_NOT_TAKEN = "HIGH_VALUE_NOT_TAKEN"
    COUNTRY_PROHIBITS = "COUNTRY_PROHIBITS"
    HUBS_ONLY = "HUBS_ONLY"
    NO_ROUTE = "NO_ROUTE"
    NO_BETTER_ROUTE = "NO_BETTER_ROUTE"


@dataclass(frozen=True, slots=True)
class Place:
    """An ISO 3166 country and a postcode (may be empty where only the country is known)."""

    country: str
    postcode: str = ""


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address as printed on the label. Personal data."""

    name: str
    street: str
    city: str
    postcode: str
    country: str
    region: str = ""
    phone: str = ""

    @property
    def place(self) -> Place:
        return Place(country=self.country, postcode=self.postcode)


class HandlingMark(StrEnum):
    """What a parcel's goods ask of whoever handles them."""

    DANGEROUS = "DANGEROUS"
    FRAGILE = "FRAGILE"
    PERISHABLE = "PERISHABLE"
    HIGH_VALUE = "HIGH_VALUE"


@dataclass(frozen=True, slots=True)
class ParcelSpec:
    """Weight in grams and outer size in millimetres; 0 mm means not measured."""

    weight_grams: int
    length_mm: int = 0
    width_mm: int = 0
    height_mm: int = 0
    marks: frozenset[HandlingMark] = frozenset()


@dataclass(frozen=True, slots=True)
class Piece:
    """So many packed pieces of one kind; `key` is the caller's name for it."""

    key: str
    quantity: int
    unit: ParcelSpec


@dataclass(frozen=True, slots=True)
class PackedParcel:
    """A parcel as proposed: its outer size, what is in it as (key, quantity), and the carton; empty for goods as they come."""

    spec: ParcelSpec
    contents: tuple[tuple[str, int], ...]
    carton: str = ""


@dataclass(frozen=True, slots=True)
class CustomsLine:
    """Goods of one kind as customs asks about them. `value` and `net_grams` of all pieces; `hs_code` may be empty."""

    description: str
    quantity: int
    net_grams: int
    value: Money
    hs_code: str
    origin_country: str


@dataclass(frozen=True, slots=True)
class QuoteRequest:
    """One question: what would it cost to send this from here to there, in `currency`."""

    origin: Place
    destination: Place
    parcel: ParcelSpec
    handling_days: int
    currency: str = "EUR"
    more: tuple[ParcelSpec, ...] = ()
    """Further parcels of the same shipment."""


@dataclass(frozen=True, slots=True)
class HintRequest:
    """A question for a search card: the cheapest service between two countries."""

    origin_country: str
    destination_country: str
    weight_grams: int
    handling_days: int
    currency: str = "EUR"


@dataclass(frozen=True, slots=True)
class QuotedLeg:
    """One carrier's part of a route: from a hub to a hub (codes; empty for the doors) at the price it was reckoned with."""

    service_code: str
    carrier_code: str
    carrier_name: str
    start: str
    end: str
    price: Money


@dataclass(frozen=True, slots=True)
class ServiceQuote:
    """A price and a promise: delivered from `earliest` to `latest` if handed over by `ship_by`."""

    service_code: str
    carrier_code: str
    carrier_name: str
    service_name: str
    price: Money
    earliest: date
    latest: date
    ship_by: datetime
    delivery_kind: DeliveryKind
    tracked: bool
    chargeable_grams: int = 0
    """What is charged for: the larger of real and volumetric weight."""
    sheet_version: int = 0
    quantile_bps: int = PROMISE_QUANTILE_BPS
    model_version: str = PROMISE_MODEL
    on_time_percent: int | None = None
    """Promises kept by the service among `on_time_parcels` of the last 180 days; None while too few were scored."""
    on_time_parcels: int = 0
    on_time_of_lane: bool = False
    """The figures are of this lane alone; otherwise of all lanes of the service."""
    legs: tuple[QuotedLeg, ...] = ()
    """The way over several carriers, in order; empty where one carrier goes all the way."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A service that cannot be offered, and why (code and plain words)."""

    service_code: str
    carrier_code: str
    service_name: str
    reason: RejectionReason
    explanation: str


@dataclass(frozen=True, slots=True)
class QuoteSet:
    """All offers, cheapest first, and every service that was rejected. `recommended`: the service the platform would take."""

    quotes: tuple[ServiceQuote, ...]
    rejected: tuple[Rejection, ...]
    recommended: str = ""


@dataclass(frozen=True, slots=True)
class ShipmentView:
    """A shipment as other modules see it. `tracking_number` is the platform's waybill.

    `order_id` is the id of what is carried (`purpose`); `seller_id` sends it and `buyer_id` gets it.
    """

    shipment_id: UUID
    order_id: UUID
    seller_id: UUID
    buyer_id: UUID
    carrier_code: str
    carrier_name: str
    service_code: str
    service_name: str
    tracking_number: str
    carrier_number: str
    status: ShipmentState
    tracking_status: TrackingStatus
    booked_at: datetime
    handover_declared_at: datetime | None
    handed_over_at: datetime | None
    delivered_at: datetime | None
    promised_earliest: date
    promised_latest: date
    ship_by: datetime
    kept_promise: bool | None
    label_ready: bool
    purpose: ShipmentPurpose = ShipmentPurpose.ORDER
    crosses_customs: bool = False


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One line of the parcel's story in plain words, newest first; `tone` is a tone of the design system."""

    at: datetime
    title: str
    note: str
    place: str
    status: TrackingStatus
    tone: str


@dataclass(frozen=True, slots=True)
class PromiseRecord:
    """How many promises were kept out of those that were scored."""

    kept: int
    total: int


@dataclass(frozen=True, slots=True)
class SimulationStep:
    """What one step of the simulated carrier network did."""

    scans: int
    webhooks: int
    events: int
    polled: int


class NoCustoms(NotFound):
    """The parcel stays within a country or a customs union."""

    code = "no_customs"
    message = "This parcel needs no customs papers."


class ShipmentNotFound(NotFound):
    """There is no such shipment, or it is not this actor's."""

    message = "There is no such shipment."


class UnknownService(DomainError):
    """The carrier service does not exist or is not offered now."""

    code = "unknown_service"
    status = 422
    message = "This shipping service is not offered."
    remedy = "Ask for a new quote and choose one of its services."


class InvalidParcel(DomainError):
    """Weight or size cannot be those of a parcel."""

    code = "invalid_parcel"
    status = 422
    message = "The parcel's weight or size is not valid."
    remedy = "Weight is 1 g to 1,000 kg, sides are 0 to 10,000 mm."


class ShipmentAlreadyHandedOver(DomainError):
    """The carrier has the parcel, so the shipment can no longer be cancelled."""

    code = "shipment_already_handed_over"
    message = "The parcel is already with the carrier."


class LabelNotReady(DomainError):
    """The carrier has not confirmed the booking yet, or the shipment was cancelled."""

    code = "label_not_ready"
    message = "The label is not ready."
    remedy = "The carrier has not confirmed yet; try again in a minute."


class CarrierRefused(DomainError):
    """The carrier answered that it will not do this."""

    code = "carrier_refused"
    message = "The carrier refused."


class CarrierUnavailable(DomainError):
    """The carrier did not answer; nothing is lost, the call will be repeated."""

    code = "carrier_unavailable"
    status = 503
    message = "The carrier does not answer at the moment."
    remedy = "It is tried again automatically."


class WebhookRejected(DomainError):
    """The signature is wrong or too old, or the body is not readable."""

    code = "webhook_rejected"
    status = 401
    message = "The webhook was not accepted."
