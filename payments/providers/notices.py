"""Notices of the sandbox network, written when something happened there and delivered later."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from core.ids import new_id
from core.statements import insert
from payments.providers.models import SandboxWebhook
from payments.providers.port import EventKind


def notify(
    kind: EventKind, reference: str, status: str, provider_ref: str, *, now: datetime, code: str = "",
    due_at: datetime | None = None, copies: int = 1, more: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    """Put a notice into the network's outgoing mail; `more` is told with it."""
    event_id = f"evt_{new_id().hex}"
    notice = {
        "id": event_id, "kind": kind.value, "reference": reference, "status": status, "object": provider_ref,
        "code": code,
    } | (more or {})  # fmt: skip
    body = json.dumps(notice).encode()
    insert(*(SandboxWebhook(event_id=event_id, body=body, due_at=due_at or now) for _ in range(copies)))
