"""Files of disputes: judged by content, stored under random names, read back for the parties only."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.files.base import File
from django.db import transaction
from django.http import HttpResponseBase

from core.actor import Actor
from core.errors import NotFound
from core.web import attachments
from trust.contracts import EvidenceNotFound, TooMuchEvidence
from trust.disputes.models import Dispute, Evidence
from trust.disputes.rules import MAX_EVIDENCE_PER_PARTY, refuse_closed
from trust.disputes.selectors import get_dispute_for, lock_dispute, party_of

FOLDER = "disputes"


def add_evidence(*, dispute_id: UUID, upload: File[Any], actor: Actor, now: datetime) -> Evidence:
    """Keep a PDF or picture a party sends. The file is written before the row: a crash leaves an unnamed file, no gap.

    Raises DisputeNotFound (a stranger), BadUpload, DisputeClosed, TooMuchEvidence.
    """
    _check_room(get_dispute_for(dispute_id=dispute_id, actor=actor), actor)
    kept = attachments.keep(FOLDER, upload)
    try:
        with transaction.atomic():
            dispute = lock_dispute(dispute_id)
            _check_room(dispute, actor)
            return Evidence.objects.create(
                dispute=dispute, party=party_of(dispute, actor), actor=actor.reference, name=kept.name,
                stored_as=kept.stored_as, media_type=kept.media_type, size=kept.size, at=now,
            )  # fmt: skip
    except Exception:
        attachments.drop(FOLDER, kept.stored_as)
        raise


def path_of(stored_as: str) -> Path:
    return attachments.path_of(FOLDER, stored_as)


def download_of(found: Evidence) -> HttpResponseBase:
    """The file as a download that no browser runs or keeps. Raises EvidenceNotFound when it is gone from the disk."""
    kept = attachments.Attachment(found.name, found.stored_as, found.media_type, found.size)
    try:
        return attachments.download(FOLDER, kept)
    except NotFound as error:
        raise EvidenceNotFound() from error


def _check_room(dispute: Dispute, actor: Actor) -> None:
    refuse_closed(dispute.state)
    if dispute.evidence.filter(party=party_of(dispute, actor)).count() >= MAX_EVIDENCE_PER_PARTY:
        raise TooMuchEvidence()
