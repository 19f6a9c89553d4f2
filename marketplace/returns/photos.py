"""Pictures of goods that go back: redrawn, under random names, read back for the parties alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.files.base import File
from django.db import transaction
from django.http import HttpResponse

from core.actor import Actor
from core.errors import InvalidInput, NotFound
from core.web import attachments
from marketplace.returns.models import ReturnPhoto
from marketplace.returns.rules import MAX_PHOTOS, ReturnNotFound
from marketplace.returns.selectors import find_photo
from marketplace.returns.states import OPEN
from marketplace.returns.steps import lock_for

FOLDER = "returns"


def add_photo(*, return_id: UUID, upload: File[Any], actor: Actor, now: datetime) -> ReturnPhoto:
    """Keep a picture of the buyer's while the return is open. The file is written before the row: a crash leaves no gap.

    Raises ReturnNotFound (not the buyer), BadUpload, InvalidInput (over, or too many).
    """
    with transaction.atomic():
        _check_room(return_id, actor)
    with attachments.kept_picture(FOLDER, upload) as (stored_as, _content), transaction.atomic():
        _check_room(return_id, actor)
        return ReturnPhoto.objects.create(of_id=return_id, stored_as=stored_as, at=now)


def _check_room(return_id: UUID, actor: Actor) -> None:
    found = lock_for(return_id, actor, side="buyer")
    if found.state not in OPEN:
        raise InvalidInput("This return is over.", field="photo")
    if found.photos.count() >= MAX_PHOTOS:
        raise InvalidInput(f"At most {MAX_PHOTOS} pictures.", field="photo")


def picture_of(*, return_id: UUID, photo_id: UUID) -> HttpResponse:
    """The picture, kept by nobody on the way. The caller checks who asks. Raises ReturnNotFound."""
    found = find_photo(return_id=return_id, photo_id=photo_id)
    if found is None:
        raise ReturnNotFound()
    try:
        return attachments.show_picture(FOLDER, found.stored_as)
    except NotFound as error:
        raise ReturnNotFound() from error
