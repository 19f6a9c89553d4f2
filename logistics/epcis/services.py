"""Capturing EPCIS documents."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from core.ids import new_id
from core.statements import insert
from logistics.epcis import rules
from logistics.epcis.models import EpcisCapture, EpcisEvent


def capture_document(*, document: Any, organisation_id: UUID, now: datetime) -> EpcisCapture:
    """Keep a document and its events, all or none. The very same event again is kept but not found twice.

    Raises InvalidEpcis.
    """
    events = rules.events_of(document)
    digests = [rules.digest(event) for event in events]
    context = document.get("@context")
    with transaction.atomic():
        capture = EpcisCapture(
            id=new_id(), organisation_id=organisation_id, shell=rules.shell_of(document), count=len(events),
            received_at=now,
        )  # fmt: skip
        insert(capture)
        had = set(
            EpcisEvent.objects.filter(organisation_id=organisation_id, digest__in=digests).values_list(
                "digest", flat=True
            )
        )
        rows = []
        for position, (event, digest) in enumerate(zip(events, digests, strict=True)):
            rows.append(_row(capture, position, event, digest, context, is_repeat=digest in had, now=now))
            had.add(digest)
        insert(*rows)
    return capture


def _row(
    capture: EpcisCapture, position: int, event: rules.Json, digest: str, context: Any, *, is_repeat: bool, now: datetime
) -> EpcisEvent:  # fmt: skip
    return EpcisEvent(
        capture=capture, organisation_id=capture.organisation_id, position=position,
        event_id=str(event.get("eventID") or f"ni:///sha-256;{digest}")[:255], kind=str(event["type"])[:120],
        action=event.get("action", ""), biz_step=str(event.get("bizStep", ""))[:255],
        disposition=str(event.get("disposition", ""))[:255], epcs=rules.epcs_of(event),
        event_time=rules.moment(event["eventTime"], "eventTime"), recorded_at=now, digest=digest, is_repeat=is_repeat,
        context=context, body=event,
    )  # fmt: skip
