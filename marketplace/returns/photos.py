"""Pictures of goods that go back: redrawn, under random names, read back for the parties alone."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.http import HttpResponse

from core.actor import Actor
from core.errors import InvalidInput
from core.ids import new_id
from core.web.uploads import read_image
from marketplace.returns.models import ReturnPhoto
from marketplace.returns.rules import MAX_PHOTOS, ReturnNotFound
from marketplace.returns.selectors import find_photo
from marketplace.returns.states import OPEN
from marketplace.returns.steps import lock_for


def add_photo(*, return_id: UUID, upload: File[Any], actor: Actor, now: datetime) -> ReturnPhoto:
    """Keep a picture of the buyer's while the return is open. The file is written before the row: a crash leaves no gap.

    Raises ReturnNotFound (not the buyer), BadUpload, InvalidInput (over, or too many).
    """
    with transaction.atomic():
        _check_room(return_id, actor)
    content, stored_as = read_image(upload), f"{new_id().hex}.webp"
    path = path_of(stored_as)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    try:
        with transaction.atomic():
            _check_room(return_id, actor)
            return ReturnPhoto.objects.create(of_id=return_id, stored_as=stored_as, at=now)
    except Exception:
        path.unlink(missing_ok=True)
        raise


def _check_room(return_id: UUID, actor: Actor) -> None:
    found = lock_for(return_id, actor, side="buyer")
    if found.state not in OPEN:
        raise InvalidInput("This return is over.", field="photo")
    if found.photos.count() >= MAX_PHOTOS:
        raise InvalidInput(f"At most {MAX_PHOTOS} pictures.", field="photo")


def path_of(stored_as: str) -> Path:
    return Path(settings.MEDIA_ROOT) / "returns" / stored_as


def picture_of(*, return_id: UUID, photo_id: UUID) -> HttpResponse:
    """The picture, kept by nobody on the way. The caller checks who asks. Raises ReturnNotFound."""
    found = find_photo(return_id=return_id, photo_id=photo_id)
    if found is None:
        raise ReturnNotFound()
    try:
        content = path_of(found.stored_as).read_bytes()
    except FileNotFoundError as error:
        raise ReturnNotFound() from error
    response = HttpResponse(content, content_type="image/webp")
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
