"""Files of disputes: judged by content, stored under random names, read back for the parties only."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.http import FileResponse, HttpResponseBase

from core.actor import Actor
from core.ids import new_id
from core.web.uploads import read_document
from trust.contracts import EvidenceNotFound, TooMuchEvidence
from trust.disputes.models import Dispute, Evidence
from trust.disputes.rules import MAX_EVIDENCE_PER_PARTY, refuse_closed
from trust.disputes.selectors import get_dispute_for, lock_dispute, party_of

SUFFIXES = {"application/pdf": ".pdf", "image/webp": ".webp"}


def add_evidence(*, dispute_id: UUID, upload: File[Any], actor: Actor, now: datetime) -> Evidence:
    """Keep a PDF or picture a party sends. The file is written before the row: a crash leaves an unnamed file, no gap.

    Raises DisputeNotFound (a stranger), BadUpload, DisputeClosed, TooMuchEvidence.
    """
    _check_room(get_dispute_for(dispute_id=dispute_id, actor=actor), actor)
    content, media_type = read_document(upload)
    stored_as = f"{new_id().hex}{SUFFIXES[media_type]}"
    path = path_of(stored_as)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    try:
        with transaction.atomic():
            dispute = lock_dispute(dispute_id)
            _check_room(dispute, actor)
            return Evidence.objects.create(
                dispute=dispute, party=party_of(dispute, actor), actor=actor.reference, name=_shown_name(upload.name),
                stored_as=stored_as, media_type=media_type, size=len(content), at=now,
            )  # fmt: skip
    except Exception:
        path.unlink(missing_ok=True)
        raise


def path_of(stored_as: str) -> Path:
    return Path(settings.MEDIA_ROOT) / "disputes" / stored_as


def download_of(found: Evidence) -> HttpResponseBase:
    """The file as a download that no browser runs or keeps. Raises EvidenceNotFound when it is gone from the disk."""
    try:
        content = path_of(found.stored_as).open("rb")
    except FileNotFoundError as error:
        raise EvidenceNotFound() from error
    suffix = SUFFIXES[found.media_type]
    name = found.name if found.name.lower().endswith(suffix) else f"{found.name}{suffix}"
    response = FileResponse(content, as_attachment=True, filename=name, content_type=found.media_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _check_room(dispute: Dispute, actor: Actor) -> None:
    refuse_closed(dispute.state)
    if dispute.evidence.filter(party=party_of(dispute, actor)).count() >= MAX_EVIDENCE_PER_PARTY:
        raise TooMuchEvidence()


def _shown_name(name: str | None) -> str:
    """The sender's file name without folders or control characters, for people to read."""
    base = (name or "").replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in base if c.isprintable())[:120] or "file"
