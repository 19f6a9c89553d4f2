"""Re-exports the models of the slices so that Django finds them."""

from logistics.carriers.models import Carrier, CarrierBooking, CarrierHealth, SandboxParcel, SandboxScan, SandboxWebhook
from logistics.claims.models import Claim, ClaimPhoto, ClaimTransition, ClaimWindow
from logistics.custody.models import Bag, BagParcel, Custody, HandOverScan
from logistics.epcis.models import EpcisCapture, EpcisEvent
from logistics.network.models import Hub, Link
from logistics.packing.models import Carton
from logistics.promises.models import PromiseLevels, PromiseVersion, RemedyStep
from logistics.rates.models import (
    Conversion,
    HandlingRule,
    Holiday,
    LaneScore,
    Rate,
    RateSheet,
    RateStep,
    Service,
    Zone,
)
from logistics.shipments.models import Parcel, Promise, Shipment, ShipmentAddress, ShipmentLeg, ShipmentTransition
from logistics.tracking.models import CodeMapping, LaneGap, TrackingEvent, WebhookMessage

__all__ = [
    "Bag",
    "BagParcel",
    "Carrier",
    "CarrierBooking",
    "CarrierHealth",
    "Carton",
    "Claim",
    "ClaimPhoto",
    "ClaimTransition",
    "ClaimWindow",
    "CodeMapping",
    "Conversion",
    "Custody",
    "EpcisCapture",
    "EpcisEvent",
    "HandOverScan",
    "HandlingRule",
    "Holiday",
    "Hub",
    "LaneGap",
    "LaneScore",
    "Link",
    "Parcel",
    "Promise",
    "PromiseLevels",
    "PromiseVersion",
    "Rate",
    "RateSheet",
    "RateStep",
    "RemedyStep",
    "SandboxParcel",
    "SandboxScan",
    "SandboxWebhook",
    "Service",
    "Shipment",
    "ShipmentAddress",
    "ShipmentLeg",
    "ShipmentTransition",
    "TrackingEvent",
    "WebhookMessage",
    "Zone",
]
