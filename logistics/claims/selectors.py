"""Reads of claims, their windows, and the parcels that give reason for one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from core.actor import Actor
from logistics.claims.models import Claim, ClaimPhoto, ClaimWindow
from logistics.claims.rules import ClaimNotFound, ClaimType, ParcelFacts, Window
from logistics.claims.states import NOT_SENT
from logistics.contracts import ShipmentState, TrackingStatus
from logistics.custody.models import Custody
from logistics.custody.rules import carrier
from logistics.rates.models import Service
from logistics.rates.rules import ROUTE_SERVICE
from logistics.shipments.legs import list_legs
from logistics.shipments.models import Shipment, ShipmentLeg
from logistics.shipments.rules import liable_for_delay
from logistics.tracking.models import TrackingEvent

LATE_DAYS = 30
"""Late parcels are looked at for so long after they came."""
HARM = (TrackingStatus.SUSPECTED_LOST, TrackingStatus.LOST, TrackingStatus.DAMAGED)


def _claims() -> QuerySet[Claim]:
    return Claim.objects.select_related("shipment__carrier", "shipment__service", "leg__carrier").defer("pack")


def get_claim_for(claim_id: UUID, *, actor: Actor) -> Claim:
    """For the sender of the parcel and operators. Raises ClaimNotFound for everyone else, the recipient too."""
    claim = _claims().filter(id=claim_id).first()
    if claim is None or not (actor.is_operator or actor.acts_for(claim.shipment.seller_id)):
        raise ClaimNotFound()
    return claim


def find_liable_leg(shipment: Shipment) -> ShipmentLeg | None:
    """Of a route, the leg whose carrier held the parcel when the last thing went wrong (else: held it last); two queries. None
    for a parcel of one carrier."""
    if shipment.service_id != ROUTE_SERVICE:
        return None
    harmed = TrackingEvent.objects.filter(shipment=shipment, status__in=HARM).order_by("-occurred_at", "-id")
    lines = Custody.objects.filter(parcel__shipment=shipment, holder__startswith="CARRIER:")
    at = harmed.values_list("occurred_at", flat=True).first()
    held = (lines.filter(since__lte=at) if at else lines).order_by("-number").values_list("holder", flat=True).first()
    legs = [leg for leg in list_legs(shipment.id) if held is None or carrier(leg.carrier_id) == held]
    return legs[-1] if held and legs else next(iter(legs), None)


def lock_claim(claim_id: UUID) -> Claim:
    """The row with its shipment. Raises ClaimNotFound."""
    claim = (
        Claim.objects.select_for_update(of=("self",))
        .select_related("shipment__promise", "shipment__carrier", "leg__carrier")
        .filter(id=claim_id)
        .first()
    )
    if claim is None:
        raise ClaimNotFound()
    return claim


def list_claims(actor: Actor) -> QuerySet[Claim]:
    """About parcels the actor sent (operators: all), newest first; page it."""
    if actor.is_operator:
        return _claims()
    if actor.organisation_id is None:
        return Claim.objects.none()
    return _claims().filter(shipment__seller_id=actor.organisation_id)


def claims_of(shipment_id: UUID) -> list[Claim]:
    """A parcel's claims, newest first. The caller checks who asks."""
    return list(_claims().filter(shipment_id=shipment_id)[:20])


def count_to_send() -> int:
    """Claims that wait for the operator to send them in."""
    return Claim.objects.filter(state="ELIGIBLE").count()


def find_photo(*, claim_id: UUID, photo_id: UUID) -> ClaimPhoto | None:
    return ClaimPhoto.objects.filter(claim_id=claim_id, id=photo_id).first()


def windows_for(kind: ClaimType) -> list[Window]:
    rows = ClaimWindow.objects.filter(claim_type=kind)
    return [Window(row.carrier_id or "", row.service_id or "", row.open_after_days, row.deadline_days) for row in rows]


def facts_of(shipment: Shipment) -> ParcelFacts:
    """Expects the promise to be loaded."""
    liable = liable_for_delay(handed_over_at=shipment.handed_over_at, ship_by=shipment.promise.ship_by)
    return ParcelFacts(
        state=ShipmentState(shipment.state), status=TrackingStatus(shipment.tracking_status),
        promised_latest=shipment.promise.latest_date, delivered_at=shipment.delivered_at,
        time_zone=shipment.destination_time_zone, late=shipment.kept_promise is False and liable == "CARRIER",
    )  # fmt: skip


def list_claimable(*, late_services: Iterable[str], now: datetime, limit: int) -> list[Shipment]:
    """Parcels whose history gives reason to claim and that have no claim yet, in order of their ids.

    `late_services`: those whose carriers answer for a promise they broke.
    """
    bad = Q(tracking_status__in=HARM)
    late = Q(
        kept_promise=False, delivered_at__gte=now - timedelta(days=LATE_DAYS), delivered_at__lte=now,
        service_id__in=list(late_services), handed_over_at__lte=F("promise__ship_by"),
    )  # fmt: skip
    claimed = Claim.objects.filter(shipment_id=OuterRef("id"))
    found = Shipment.objects.filter(bad | late).exclude(Exists(claimed)).select_related("promise")
    return list(found.order_by("id")[:limit])


def services_of_carriers() -> list[tuple[str, str]]:
    """(service, its carrier) of all services."""
    return list(Service.objects.values_list("code", "carrier_id"))


def list_unsent(limit: int) -> list[UUID]:
    """Claims that were not sent in yet, the nearest deadline first."""
    rows = Claim.objects.filter(state__in=NOT_SENT).order_by("deadline_at", "id")
    return list(rows.values_list("id", flat=True)[:limit])
