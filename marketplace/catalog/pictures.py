"""Writes of a listing's pictures: added, put in order, described, removed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import InvalidInput, NotFound
from core.ids import new_id
from marketplace.catalog import photos, rules
from marketplace.catalog.models import Listing, ListingPhoto
from marketplace.catalog.revisions import revise
from marketplace.catalog.selectors import lock_own_listing


def add_photo(*, listing_id: UUID, data: bytes, alt: str, actor: Actor, now: datetime) -> ListingPhoto:
    """Attach a picture (checked by content, stripped, resized). Raises InvalidInput on a bad file or too many."""
    image = photos.read_photo(data)
    with transaction.atomic():
        row = lock_own_listing(listing_id, actor)
        count = row.photos.count()
        if count >= rules.MAX_PHOTOS:
            raise InvalidInput(
                "There are enough pictures.", field="photo", remedy=_("At most %(n)s.") % {"n": rules.MAX_PHOTOS}
            )
        photo_id = new_id()
        name = photos.store_photo(image=image, photo_id=photo_id)
        made = ListingPhoto.objects.create(
            id=photo_id, listing=row, position=count, name=name, width=image.width, height=image.height,
            alt=alt.strip()[:160],
        )  # fmt: skip
        _revise_count(row, count, count + 1, actor=actor, now=now)
    return made


def remove_photo(*, listing_id: UUID, photo_id: UUID, actor: Actor, now: datetime) -> None:
    """Detach a picture; removing twice changes nothing."""
    with transaction.atomic():
        row = lock_own_listing(listing_id, actor)
        kept = list(row.photos.exclude(id=photo_id))
        removed, _rows = row.photos.filter(id=photo_id).delete()
        if removed:
            _number(kept)
            _revise_count(row, len(kept) + 1, len(kept), actor=actor, now=now)


def move_photo(*, listing_id: UUID, photo_id: UUID, earlier: bool, actor: Actor) -> None:
    """Swap a picture with the one before it, or after it; at the end nothing changes. Raises NotFound."""
    with transaction.atomic():
        row = lock_own_listing(listing_id, actor)
        found = list(row.photos.all())
        place = _place(found, photo_id)
        other = place - 1 if earlier else place + 1
        if 0 <= other < len(found):
            found[place], found[other] = found[other], found[place]
        _number(found)


def describe_photo(*, listing_id: UUID, photo_id: UUID, alt: str, actor: Actor) -> None:
    """Say what a picture shows. Raises NotFound."""
    with transaction.atomic():
        row = lock_own_listing(listing_id, actor)
        found = list(row.photos.all())
        photo = found[_place(found, photo_id)]
        photo.alt = alt.strip()[:160]
        photo.save(update_fields=["alt"])


def _place(found: list[ListingPhoto], photo_id: UUID) -> int:
    for place, photo in enumerate(found):
        if photo.id == photo_id:
            return place
    raise NotFound("There is no such picture.")


def _number(found: list[ListingPhoto]) -> None:
    for position, photo in enumerate(found):
        if photo.position != position:
            photo.position = position
            photo.save(update_fields=["position"])


def _revise_count(row: Listing, before: int, after: int, *, actor: Actor, now: datetime) -> None:
    row.version, row.updated_at = row.version + 1, now
    row.save(update_fields=["version", "updated_at"])
    revise(row, {"photos": [before, after]}, actor=actor, now=now)
