"""News from providers: checked, stored once, and applied in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from core.actor import Actor
from payments.chargebacks.services import record_dispute
from payments.charges.services import apply_result
from payments.contracts import ChargeNotFound
from payments.payouts.onboarding import record_recipient
from payments.payouts.services import record_payout_result
from payments.providers.port import EventKind, ProviderEvent
from payments.providers.registry import get_provider
from payments.refunds.submission import record_refund_result


def receive_webhook(*, provider: str, body: bytes, headers: Mapping[str, str], now: datetime) -> int:
    """Apply the signed events in `body`; returns how many were new. Duplicates change nothing.

    Raises NotFound (no such provider), InvalidSignature, TooEarly (send it again later).
    """
    events = get_provider(provider).verify_webhook(body=body, headers=headers, now=now)
    return sum(_receive_one(provider, event, body, now=now) for event in events)


def _receive_one(provider: str, event: ProviderEvent, body: bytes, *, now: datetime) -> bool:
    """The inbox row and the effect commit together; a racing duplicate waits on the row and then does nothing."""
    with transaction.atomic():
        if not _store(provider, event, body, now=now):
            return False
        _apply(provider, event, now=now)
    return True


def _store(provider: str, event: ProviderEvent, body: bytes, *, now: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO payments_pspevent (provider, event_id, kind, raw, outcome, received_at)"
            " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (provider, event_id) DO NOTHING",
            [provider, event.event_id[:80], event.kind.value, body, event.result.outcome.value, now],
        )
        return bool(cursor.rowcount == 1)


def _apply(provider: str, event: ProviderEvent, *, now: datetime) -> None:
    if event.recipient is not None:
        record_recipient(provider=provider, recipient=event.recipient, now=now)
        return
    try:
        reference = UUID(event.reference)
    except ValueError:
        return  # not one of ours: kept in the inbox, no effect
    if event.kind is EventKind.CHARGE:
        try:
            apply_result(charge_id=reference, result=event.result, actor=Actor.provider(provider), now=now)
        except ChargeNotFound:
            return
    elif event.kind is EventKind.REFUND:
        record_refund_result(refund_id=reference, result=event.result, now=now)
    elif event.kind is EventKind.DISPUTE:
        if event.dispute is not None:
            record_dispute(provider=provider, charge_id=reference, dispute=event.dispute, now=now)
    else:
        record_payout_result(payout_id=reference, result=event.result, now=now)
