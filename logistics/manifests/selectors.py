"""Reads of manifests."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet, Sum

from core.actor import Actor
from logistics.contracts import Address, ShipmentState
from logistics.manifests.models import Manifest, ManifestLine
from logistics.manifests.rules import MAX_PARCELS, ManifestNotFound
from logistics.shipments.legs import with_taker
from logistics.shipments.models import Shipment
from logistics.shipments.selectors import addresses_of


def get_manifest_for(manifest_id: UUID, *, actor: Actor) -> Manifest:
    """For the seller and operators. Raises ManifestNotFound for everyone else."""
    found = Manifest.objects.select_related("carrier").filter(id=manifest_id).first()
    if found is None or not (actor.is_operator or actor.acts_for(found.seller_id)):
        raise ManifestNotFound()
    return found


def find_own_manifest(number: str, *, actor: Actor) -> Manifest | None:
    """A seller's (or for operators anyone's) manifest by its number."""
    found = Manifest.objects.filter(number=number).first()
    return found if found and (actor.is_operator or actor.acts_for(found.seller_id)) else None


def lock_manifest(manifest_id: UUID) -> Manifest:
    """Raises ManifestNotFound."""
    found = Manifest.objects.select_for_update().filter(id=manifest_id).first()
    if found is None:
        raise ManifestNotFound()
    return found


def list_manifests(actor: Actor) -> QuerySet[Manifest]:
    """The actor's manifests (operators: all), newest first; page it."""
    rows = Manifest.objects.select_related("carrier")
    if actor.is_operator:
        return rows
    return rows.filter(seller_id=actor.organisation_id) if actor.organisation_id else rows.none()


def _listable(seller_id: UUID) -> QuerySet[Any]:
    ready = Shipment.objects.filter(seller_id=seller_id, state=ShipmentState.BOOKED, handover_declared_at=None)
    listed = ManifestLine.objects.filter(counts=True, shipment__seller_id=seller_id, shipment__state="BOOKED")
    return with_taker(ready).exclude(id__in=listed.values("shipment_id"))


def list_carriers_ready(seller_id: UUID) -> list[tuple[str, str, int]]:
    """(carrier, its name, parcels that are ready and on no manifest); one query."""
    rows = _listable(seller_id).values_list("taker", "taker_name").annotate(n=Count("id"))
    return list(rows.order_by("taker_name")[:100])


def lock_listable(seller_id: UUID, carrier_code: str) -> list[tuple[UUID, int, int]]:
    """(shipment, its parcels, their grams) of what can go on a manifest, by waybill; locked."""
    found = _listable(seller_id).filter(taker=carrier_code).select_for_update(of=("self",))
    ids = list(found.order_by("id").values_list("id", flat=True)[:MAX_PARCELS])
    rows = Shipment.objects.filter(id__in=ids).annotate(n=Count("parcels"), grams=Sum("parcels__weight_grams"))
    return list(rows.order_by("waybill").values_list("id", "n", "grams"))


def lines_of(manifest: Manifest) -> list[ManifestLine]:
    """In order, with the shipments; one query."""
    rows = ManifestLine.objects.filter(manifest=manifest).select_related("shipment__service")
    return list(rows.order_by("position")[:MAX_PARCELS])


def sender_of(lines: list[ManifestLine]) -> Address:
    """Where the parcels come from, as their labels say."""
    return addresses_of(lines[0].shipment_id)[0]
