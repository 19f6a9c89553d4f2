"""Manifests: made of what is ready, closed by one hand-over scan, or taken back before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from core.actor import Actor
from core.ids import new_id
from core.states import next_state
from logistics.manifests import selectors
from logistics.manifests.models import Manifest, ManifestLine, ManifestTransition
from logistics.manifests.rules import ManifestNotFound, NothingToManifest, manifest_number
from logistics.manifests.states import TRANSITIONS, ManifestAction, ManifestState
from logistics.shipments.models import Shipment
from logistics.shipments.services import declare_hand_overs
from logistics.tracking.services import announce_hand_overs


def make_manifest(*, carrier_code: str, actor: Actor, now: datetime) -> Manifest:
    """List all parcels of the carrier that are ready and on no manifest yet (at most MAX_PARCELS).

    Locks them in the order of their ids. Raises ManifestNotFound (no seller), NothingToManifest.
    """
    if actor.organisation_id is None:
        raise ManifestNotFound()
    try:
        with transaction.atomic():
            return _list(actor.organisation_id, carrier_code, actor=actor, now=now)
    except IntegrityError as error:  # a colleague listed them at the same moment
        raise NothingToManifest() from error


def _list(seller_id: UUID, carrier_code: str, *, actor: Actor, now: datetime) -> Manifest:
    rows = selectors.lock_listable(seller_id, carrier_code)
    if not rows:
        raise NothingToManifest()
    manifest_id = new_id()
    manifest = Manifest.objects.create(
        id=manifest_id, number=manifest_number(manifest_id), seller_id=seller_id, carrier_id=carrier_code,
        shipments=len(rows), parcels=sum(row[1] for row in rows), weight_grams=sum(row[2] for row in rows), made_at=now,
    )  # fmt: skip
    ManifestLine.objects.bulk_create(
        ManifestLine(manifest=manifest, shipment_id=key, position=position, parcels=parcels, weight_grams=grams)
        for position, (key, parcels, grams) in enumerate(rows, start=1)
    )
    _record(manifest, "", actor=actor, now=now)
    return manifest


def close_manifest(*, manifest_id: UUID, actor: Actor, now: datetime) -> tuple[Manifest, list[UUID]]:
    """The hand-over scan: everything on it is declared handed over, and it is CLOSED for good. Returns what was given.

    What was cancelled meanwhile, or given away by itself, is passed over. Call `announce_manifest` after the commit, else
    a task tells the carrier. Raises ManifestNotFound, TransitionRefused (closed or taken back before).
    """
    with transaction.atomic():
        manifest = _lock_own(manifest_id, actor)
        _move(manifest, ManifestAction.CLOSE, actor=actor, now=now)
        ids = list(ManifestLine.objects.filter(manifest=manifest).values_list("shipment_id", flat=True))
        given = declare_hand_overs(shipment_ids=ids, now=now)
    return manifest, given


def announce_manifest(*, shipment_ids: Sequence[UUID], now: datetime) -> None:
    """Tell the carrier in one call what was given to it. Outside of transactions; harmless when it knows."""
    rows = Shipment.objects.filter(id__in=shipment_ids).select_related("carrier").order_by("id")
    announce_hand_overs(shipments=rows, now=now)


def cancel_manifest(*, manifest_id: UUID, actor: Actor, reason: str, now: datetime) -> Manifest:
    """Take a manifest back before the hand-over; its parcels may go on another one.

    Raises ManifestNotFound, TransitionRefused (closed or taken back before).
    """
    with transaction.atomic():
        manifest = _lock_own(manifest_id, actor)
        _move(manifest, ManifestAction.CANCEL, actor=actor, reason=reason, now=now)
        ManifestLine.objects.filter(manifest=manifest).update(counts=False)
    return manifest


def _lock_own(manifest_id: UUID, actor: Actor) -> Manifest:
    manifest = selectors.lock_manifest(manifest_id)
    if not (actor.is_operator or actor.acts_for(manifest.seller_id)):
        raise ManifestNotFound()
    return manifest


def _move(manifest: Manifest, action: ManifestAction, *, actor: Actor, now: datetime, reason: str = "") -> None:
    before = manifest.state
    manifest.state, manifest.closed_at = next_state(TRANSITIONS, ManifestState(before), action), now
    manifest.save(update_fields=["state", "closed_at"])
    _record(manifest, before, actor=actor, reason=reason, now=now)


def _record(manifest: Manifest, before: str, *, actor: Actor, now: datetime, reason: str = "") -> None:
    ManifestTransition.objects.create(
        manifest=manifest,
        from_state=before,
        to_state=manifest.state,
        actor=actor.reference,
        reason=reason[:200],
        at=now,
    )
