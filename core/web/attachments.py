"""Documents people attach to what they write: checked, kept under random names, read back as downloads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.core.files.base import File
from django.http import FileResponse, HttpResponse, HttpResponseBase

from core.errors import NotFound
from core.ids import new_id
from core.web.uploads import read_document, read_image

R = TypeVar("R", bound=HttpResponseBase)
SUFFIXES = {"application/pdf": ".pdf", "image/webp": ".webp"}


@dataclass(frozen=True)
class Attachment:
    """A file on the disk: the sender's name for it, our name, what it is, and its bytes."""

    name: str
    stored_as: str
    media_type: str
    size: int


def keep(folder: str, upload: File[Any]) -> Attachment:
    """Check a PDF or picture by its content and write it below MEDIA_ROOT/`folder`. Raises BadUpload.

    Call it before the row is written: a crash leaves a file nobody names, never a row without its file.
    """
    content, media_type = read_document(upload)
    kept = Attachment(_shown_name(upload.name), f"{new_id().hex}{SUFFIXES[media_type]}", media_type, len(content))
    _write(folder, kept.stored_as, content)
    return kept


@contextmanager
def kept_picture(folder: str, upload: File[Any]) -> Iterator[tuple[str, bytes]]:
    """(our name, content) of a picture on the disk, redrawn, while its row is written; gone again when that is refused.

    Raises BadUpload.
    """
    content, stored_as = read_image(upload), f"{new_id().hex}.webp"
    _write(folder, stored_as, content)
    try:
        yield stored_as, content
    except Exception:
        drop(folder, stored_as)
        raise


def show_picture(folder: str, stored_as: str) -> HttpResponse:
    """A kept picture to look at, kept by nobody on the way. Raises NotFound when it is gone from the disk."""
    try:
        content = path_of(folder, stored_as).read_bytes()
    except FileNotFoundError as error:
        raise NotFound("There is no such file.") from error
    return _private(HttpResponse(content, content_type="image/webp"))


def _write(folder: str, stored_as: str, content: bytes) -> None:
    path = path_of(folder, stored_as)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def drop(folder: str, stored_as: str) -> None:
    """Remove a file whose row was refused."""
    path_of(folder, stored_as).unlink(missing_ok=True)


@contextmanager
def kept(folder: str, uploads: Sequence[File[Any]]) -> Iterator[list[Attachment]]:
    """Several uploads on the disk while their rows are written; gone again when anything is refused. Raises BadUpload."""
    done: list[Attachment] = []
    try:
        for upload in uploads:
            done.append(keep(folder, upload))
        yield done
    except Exception:
        for one in done:
            drop(folder, one.stored_as)
        raise


def path_of(folder: str, stored_as: str) -> Path:
    return Path(settings.MEDIA_ROOT) / folder / stored_as


def download(folder: str, kept: Attachment) -> HttpResponseBase:
    """The file as a download that no browser runs or keeps. Raises NotFound when it is gone from the disk."""
    try:
        content = path_of(folder, kept.stored_as).open("rb")
    except FileNotFoundError as error:
        raise NotFound("There is no such file.") from error
    suffix = SUFFIXES[kept.media_type]
    name = kept.name if kept.name.lower().endswith(suffix) else f"{kept.name}{suffix}"
    return _private(FileResponse(content, as_attachment=True, filename=name, content_type=kept.media_type))


def _private(response: R) -> R:
    """For the parties alone: no browser guesses what it is, nobody on the way keeps it."""
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _shown_name(name: str | None) -> str:
    """The sender's file name without folders or control characters, for people to read."""
    base = (name or "").replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in base if c.isprintable())[:120] or "file"
