"""Pictures of listings: checked by content, stripped of metadata, resized, stored as WebP."""

from __future__ import annotations

import io
from typing import Final
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image, ImageOps, UnidentifiedImageError

from core.errors import InvalidInput

MAX_BYTES: Final = 8 * 1024 * 1024
MAX_PIXELS: Final = 50_000_000
ACCEPTED: Final = ("JPEG", "PNG", "WEBP")
#: name suffix -> longest side in pixels
SIZES: Final = {"s": 320, "m": 640, "l": 1280}
WEBP_QUALITY: Final = 80


def photo_url(name: str, size: str) -> str:
    """Address of a stored picture in size s, m or l."""
    where = f"listings/{name}-{size}.webp"
    public = getattr(default_storage, "base_url", None)  # files below one address; other storages sign each
    return f"{public}{where}" if public else default_storage.url(where)


def read_photo(data: bytes) -> Image.Image:
    """Decode an uploaded picture, upright and without metadata. Raises InvalidInput on anything that is not one."""
    if len(data) > MAX_BYTES:
        raise InvalidInput("The picture is too large.", field="photo", remedy="At most 8 MB.")
    try:
        with Image.open(io.BytesIO(data)) as probe:
            if probe.format not in ACCEPTED or probe.width * probe.height > MAX_PIXELS:
                raise InvalidInput("This picture cannot be used.", field="photo", remedy="Use JPEG, PNG or WebP.")
            probe.load()
            return ImageOps.exif_transpose(probe).convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError):
        raise InvalidInput("This file is not a picture.", field="photo", remedy="Use JPEG, PNG or WebP.") from None


def store_photo(*, image: Image.Image, photo_id: UUID) -> str:
    """Write the picture in all sizes; returns its name."""
    name = f"{photo_id.hex[-2:]}/{photo_id.hex}"
    for suffix, side in SIZES.items():
        sized = image.copy()
        sized.thumbnail((side, side), Image.Resampling.LANCZOS)
        buffer = io.BytesIO()
        sized.save(buffer, "WEBP", quality=WEBP_QUALITY, method=2)
        default_storage.save(f"listings/{name}-{suffix}.webp", ContentFile(buffer.getvalue()))
    return name
