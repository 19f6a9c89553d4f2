"""Writes of drafts: begun, saved step by step, and made a listing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import InvalidInput, NotAllowed
from core.ids import new_id
from marketplace.catalog import photos
from marketplace.catalog.models import Listing, ListingPhoto
from marketplace.catalog.rules import MAX_PHOTOS
from marketplace.catalog.scheduling import schedule_publication
from marketplace.catalog.selectors import leaves_by_code
from marketplace.catalog.services import create_listing, publish_listing
from marketplace.contracts import ListingInput
from marketplace.drafts.models import ListingDraft
from marketplace.drafts.selectors import drafts_of, lock_own_draft

MAX_DRAFTS: Final = 50
MAX_TYPED: Final = 8000
"""Letters of one field."""

Typed = Mapping[str, str | list[str]]


class Ending(StrEnum):
    """What becomes of a finished listing."""

    ON_SALE = "ON_SALE"
    LATER = "LATER"
    OFF_SALE = "OFF_SALE"


def start_draft(*, category_code: str, actor: Actor, now: datetime) -> ListingDraft:
    """Begin a listing in a category. Raises NotAllowed, InvalidInput (category; too many begun)."""
    if actor.organisation_id is None:
        raise NotAllowed("Only a seller can list goods.")
    category = leaves_by_code().get(category_code)
    if category is None:
        raise InvalidInput("Choose a category.", field="category", remedy="Pick the most exact one.")
    if drafts_of(actor.organisation_id).count() >= MAX_DRAFTS:
        raise InvalidInput("You have begun many listings.", remedy="Finish or discard one first.")
    return ListingDraft.objects.create(
        seller_id=actor.organisation_id, category=category, created_at=now, updated_at=now
    )  # fmt: skip


def save_step(*, draft_id: UUID, typed: Typed, actor: Actor, now: datetime) -> ListingDraft:
    """Keep what was typed, right or wrong; it is checked when the step is left. Locks the draft. Raises NotFound."""
    with transaction.atomic():
        draft = lock_own_draft(draft_id=draft_id, seller_id=actor.organisation_id)
        draft.values |= {name: _bounded(value) for name, value in typed.items()}
        draft.updated_at = now
        draft.save(update_fields=["values", "updated_at"])
    return draft


def _bounded(value: str | list[str]) -> str | list[str]:
    return [one[:MAX_TYPED] for one in value[:50]] if isinstance(value, list) else value[:MAX_TYPED]


def add_pictures(*, draft_id: UUID, files: Sequence[bytes], actor: Actor, now: datetime) -> ListingDraft:
    """Put pictures after those that are there (checked by content, stripped, resized). Locks the draft.

    Raises NotFound, InvalidInput (pictures: a bad file, or too many).
    """
    images = [photos.read_photo(data) for data in files]
    with transaction.atomic():
        draft = lock_own_draft(draft_id=draft_id, seller_id=actor.organisation_id)
        if len(draft.photos) + len(images) > MAX_PHOTOS:
            raise InvalidInput(
                "There are enough pictures.", field="pictures", remedy=_("At most %(n)s.") % {"n": MAX_PHOTOS}
            )
        draft.photos += [
            {"name": photos.store_photo(image=i, photo_id=new_id()), "width": i.width, "height": i.height, "alt": ""}
            for i in images
        ]
        draft.updated_at = now
        draft.save(update_fields=["photos", "updated_at"])
    return draft


def arrange_pictures(
    *, draft_id: UUID, alts: Sequence[str], first: int | None, removed: int | None, actor: Actor, now: datetime
) -> ListingDraft:
    """Say what each picture shows, in their order; then make one the first, or leave one out. Locks the draft. Raises NotFound."""
    with transaction.atomic():
        draft = lock_own_draft(draft_id=draft_id, seller_id=actor.organisation_id)
        for photo, alt in zip(draft.photos, alts, strict=False):
            photo["alt"] = alt.strip()[:160]
        if first is not None and 0 <= first < len(draft.photos):
            draft.photos.insert(0, draft.photos.pop(first))
        if removed is not None and 0 <= removed < len(draft.photos):
            draft.photos.pop(removed)
        draft.updated_at = now
        draft.save(update_fields=["photos", "updated_at"])
    return draft


def discard_draft(*, draft_id: UUID, actor: Actor) -> None:
    """Throw away what was typed. Raises NotFound."""
    with transaction.atomic():
        lock_own_draft(draft_id=draft_id, seller_id=actor.organisation_id).delete()


def finish_draft(
    *, draft_id: UUID, listing: ListingInput, ending: Ending, at: datetime | None, actor: Actor, now: datetime
) -> Listing:
    """Make the draft a listing with its pictures: on sale, on sale at `at`, or off sale. All of it or nothing.

    Locks the draft. Raises NotFound, and what create_listing, publish_listing and schedule_publication do.
    """
    with transaction.atomic():
        draft = lock_own_draft(draft_id=draft_id, seller_id=actor.organisation_id)
        row = create_listing(listing=listing, actor=actor, now=now)
        ListingPhoto.objects.bulk_create(
            ListingPhoto(listing=row, position=position, **photo) for position, photo in enumerate(draft.photos)
        )
        draft.delete()
        if ending is Ending.ON_SALE:
            row = publish_listing(listing_id=row.id, actor=actor, now=now)
        if ending is Ending.LATER:
            if at is None:
                raise InvalidInput("Choose a moment.", field="publish_at")
            row = schedule_publication(listing_id=row.id, at=at, actor=actor, now=now)
    return row
