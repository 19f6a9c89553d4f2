"""What proves a claim, gathered by itself: label, scans, promise, custody, pictures; and the pictures' files."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.files.base import File
from django.db import transaction
from django.http import HttpResponse

from core.actor import Actor
from core.errors import InvalidInput, NotFound
from core.web import attachments
from logistics.claims.models import Claim, ClaimPhoto
from logistics.claims.rules import MAX_PHOTOS, ClaimNotFound
from logistics.claims.selectors import find_photo, lock_claim
from logistics.claims.states import TERMINAL
from logistics.custody.selectors import chains_of
from logistics.shipments.selectors import addresses_of, parcel_of
from logistics.tracking.selectors import list_events

FOLDER = "claims"

Json = dict[str, Any]


def build_pack(claim: Claim) -> Json:
    """Everything the platform knows of the parcel as JSON values. Of the recipient only what the carrier needs."""
    shipment, parcel = claim.shipment, parcel_of(claim.shipment_id)
    held = claim.leg or shipment
    sender, recipient = addresses_of(claim.shipment_id)
    return {
        "claim": {
            "number": claim.number, "type": claim.claim_type, "note": claim.note, "currency": claim.currency,
            "amount_minor": claim.amount_minor, "opened_at": claim.opened_at.isoformat(),
        },
        "label": {
            "waybill": shipment.waybill, "carrier": held.carrier_id, "carrier_number": held.carrier_number,
            "service": held.service_id, "sscc": parcel.sscc, "weight_grams": parcel.weight_grams,
            "contents": shipment.contents, "reference": shipment.reference,
            "from": {"name": sender.name, "city": sender.city, "postcode": sender.postcode, "country": sender.country},
            "to": {"city": recipient.city, "postcode": recipient.postcode, "country": recipient.country},
        },
        "promise": {
            "earliest": shipment.promise.earliest_date.isoformat(), "latest": shipment.promise.latest_date.isoformat(),
            "ship_by": shipment.promise.ship_by.isoformat(), "model": shipment.promise.model_version,
            "handed_over_at": _iso(shipment.handed_over_at), "delivered_at": _iso(shipment.delivered_at),
        },
        "scans": [
            {
                "at": event.occurred_at.isoformat(), "status": event.status, "code": event.raw_code,
                "text": event.raw_text, "place": event.place, "reason": event.reason_code, "source": event.source,
                "takes_back": event.corrects,
            }
            for event in list_events(claim.shipment_id)
        ],
        "custody": [
            {"number": line.number, "holder": line.holder, "since": line.since.isoformat(), "basis": line.basis}
            for line in chains_of(claim.shipment_id)
        ],
        "pictures": [{"sha256": photo.digest, "at": photo.at.isoformat()} for photo in claim.photos.all()],
    }  # fmt: skip


def digest_of(pack: Json) -> str:
    """SHA-256 over the pack, so that nobody can say it was another one."""
    return hashlib.sha256(json.dumps(pack, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def add_photo(*, claim_id: UUID, upload: File[Any], actor: Actor, now: datetime) -> ClaimPhoto:
    """Keep a picture of the sender's while the claim is open. The file is written before the row: a crash leaves no gap.

    Raises ClaimNotFound (not the sender), BadUpload, InvalidInput (over, or too many).
    """
    with transaction.atomic():
        _check_room(claim_id, actor)
    with attachments.kept_picture(FOLDER, upload) as (stored_as, content), transaction.atomic():
        _check_room(claim_id, actor)
        digest = hashlib.sha256(content).hexdigest()
        return ClaimPhoto.objects.create(claim_id=claim_id, stored_as=stored_as, digest=digest, at=now)


def _check_room(claim_id: UUID, actor: Actor) -> None:
    claim = lock_claim(claim_id)
    if not (actor.is_operator or actor.acts_for(claim.shipment.seller_id)):
        raise ClaimNotFound()
    if claim.state in TERMINAL:
        raise InvalidInput("This claim is over.", field="photo")
    if claim.photos.count() >= MAX_PHOTOS:
        raise InvalidInput(f"At most {MAX_PHOTOS} pictures.", field="photo")


def picture_of(*, claim_id: UUID, photo_id: UUID) -> HttpResponse:
    """The picture, kept by nobody on the way. The caller checks who asks. Raises ClaimNotFound."""
    found = find_photo(claim_id=claim_id, photo_id=photo_id)
    if found is None:
        raise ClaimNotFound()
    try:
        return attachments.show_picture(FOLDER, found.stored_as)
    except NotFound as error:
        raise ClaimNotFound() from error


def pack_of(claim: Claim) -> Json:
    """The evidence as it was sent in; before that, as it stands now."""
    return claim.pack or build_pack(claim)
