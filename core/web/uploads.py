"""Files people send: judged by content and size, pictures redrawn so that nothing hides in them."""

from __future__ import annotations

import warnings
from io import BytesIO
from typing import Any

from django.core.files.base import File
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from core.errors import InvalidInput

MAX_IMAGE_BYTES = 8 * 1024 * 1024
MAX_DOCUMENT_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 40_000_000
MAX_SIDE = 2_400
IMAGE_FORMATS = ("JPEG", "PNG", "WEBP")


class BadUpload(InvalidInput):
    """The file is too large, empty, damaged, or not of a kind that is accepted."""

    code = "bad_upload"


def _read_bounded(upload: File[Any], max_bytes: int) -> bytes:
    if upload.size > max_bytes:
        raise _too_large(max_bytes)
    upload.seek(0)
    content = bytes(upload.read(max_bytes + 1))
    upload.seek(0)
    if len(content) > max_bytes:
        raise _too_large(max_bytes)
    if not content:
        raise BadUpload(str(_("The file is empty.")), remedy=str(_("Choose another file.")))
    return content


def _too_large(max_bytes: int) -> BadUpload:
    megabytes = max_bytes // (1024 * 1024)
    return BadUpload(
        str(_("The file is too large.")),
        remedy=str(_("Choose one of at most %(megabytes)s MB.")) % {"megabytes": megabytes},
    )


def _open(content: bytes) -> Image.Image:
    """A decoded picture. Decompression bombs are refused before they unfold."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            Image.open(BytesIO(content), formats=IMAGE_FORMATS).verify()
            picture = Image.open(BytesIO(content), formats=IMAGE_FORMATS)
            if picture.width * picture.height > MAX_PIXELS:
                raise BadUpload(
                    str(_("The picture has too many pixels.")), remedy=str(_("Make it smaller and try again."))
                )
            picture.load()
    except BadUpload:
        raise
    except Exception as error:  # Pillow raises many kinds on damaged files
        raise BadUpload(
            str(_("This is not a picture we can read.")), remedy=str(_("Choose a JPEG, PNG or WebP file."))
        ) from error
    return picture


def check_image(upload: File[Any], *, max_bytes: int = MAX_IMAGE_BYTES) -> None:
    """Raise BadUpload unless `upload` is a whole JPEG, PNG or WebP of at most `max_bytes`."""
    _open(_read_bounded(upload, max_bytes))


def read_image(upload: File[Any], max_bytes: int = MAX_IMAGE_BYTES) -> bytes:
    """The picture redrawn as WebP, turned upright, at most 2400 px a side, without metadata. Raises BadUpload."""
    picture = ImageOps.exif_transpose(_open(_read_bounded(upload, max_bytes)))
    picture = picture.convert("RGBA" if "A" in picture.getbands() or "transparency" in picture.info else "RGB")
    picture.thumbnail((MAX_SIDE, MAX_SIDE))
    clean = Image.new(picture.mode, picture.size)
    clean.paste(picture)
    out = BytesIO()
    clean.save(out, "WEBP", quality=86, method=4)
    return out.getvalue()


def read_document(upload: File[Any], max_bytes: int = MAX_DOCUMENT_BYTES) -> tuple[bytes, str]:
    """(content, media type) of a PDF as sent or of a picture redrawn as WebP. Raises BadUpload.

    Serve documents as attachments: a PDF is not redrawn.
    """
    content = _read_bounded(upload, max_bytes)
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:]:
        return content, "application/pdf"
    if content.startswith(b"%PDF-"):
        raise BadUpload(str(_("The PDF is not complete.")), remedy=str(_("Save it again and choose the new file.")))
    return read_image(upload, max_bytes), "image/webp"
