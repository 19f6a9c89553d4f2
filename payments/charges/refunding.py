"""Carrying out refund instructions at the provider; their money left the escrow when they were written."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction

from payments.charges.models import Charge
from payments.escrow.models import Refund
from payments.providers.port import Outcome, ProviderResult, ProviderTimeout
from payments.providers.registry import ensure_outside_transaction, get_provider

log = structlog.get_logger(__name__)

FIRST_RETRY = timedelta(minutes=1)
LEASE = timedelta(minutes=5)
MAX_DOUBLINGS = 10


def submit_due_refunds(*, now: datetime, limit: int = 50) -> int:
    """Send due instructions to the provider with the row's id as key; returns how many were tried.

    A row is leased before the call, so a killed worker's row comes back; the key makes a second call harmless.
    """
    ensure_outside_transaction()
    with transaction.atomic():
        due = Refund.objects.select_for_update(skip_locked=True).filter(next_attempt_at__lte=now)
        rows = list(due.exclude(state="REFUNDED").order_by("next_attempt_at")[:limit])
        Refund.objects.filter(id__in=[row.id for row in rows]).update(state="SUBMITTED", next_attempt_at=now + LEASE)
    for row in rows:
        record_refund_result(refund_id=row.id, result=_ask(row, now=now), now=now)
    return len(rows)


def _ask(refund: Refund, *, now: datetime) -> ProviderResult:
    charge = Charge.objects.get(id=refund.charge_id)
    try:
        return get_provider(charge.provider).refund(
            idempotency_key=str(refund.id), charge_key=str(charge.id), amount=refund.amount, now=now
        )
    except ProviderTimeout as error:
        return ProviderResult(Outcome.PENDING, "", code=str(error))


def record_refund_result(*, refund_id: UUID, result: ProviderResult, now: datetime) -> None:
    """REFUNDED is final; anything else is tried again with growing delay. Unknown refunds are ignored."""
    with transaction.atomic():
        refund = Refund.objects.select_for_update().filter(id=refund_id).first()
        if refund is None or refund.state == "REFUNDED":
            return
        refund.provider_ref = result.provider_ref or refund.provider_ref
        if result.outcome is Outcome.SUCCEEDED:
            refund.state, refund.done_at, refund.last_error = "REFUNDED", now, ""
        else:
            refund.state = "FAILED" if result.outcome is Outcome.DECLINED else "SUBMITTED"
            refund.last_error = result.code[:500]
            refund.next_attempt_at = now + FIRST_RETRY * 2 ** min(refund.attempts, MAX_DOUBLINGS)
            log.warning("refund_not_done", refund=str(refund.id), code=result.code)
        refund.attempts += 1
        refund.save()
