"""Writing the audit trail."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.actor import Actor
from core.audit.models import AuditEntry


def record(*, actor: Actor, action: str, subject_type: str, subject_id: object, now: datetime, **detail: Any) -> None:
    """Append who did what, in the caller's transaction. `detail` is JSON-ready and holds no secrets."""
    AuditEntry.objects.create(
        at=now, actor=actor.reference, organisation_id=actor.organisation_id, action=action,
        subject_type=subject_type, subject_id=str(subject_id), detail=detail,
    )  # fmt: skip
