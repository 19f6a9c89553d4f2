"""Chargebacks at the sandbox network: opened by a card or by hand, answered with evidence, decided by the bank.

The bank believes a merchant who shows that the parcel arrived; silence loses.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from core.errors import InvalidInput, NotFound
from core.money import Money
from payments.providers.models import SandboxDispute, SandboxIntent, SandboxWebhook
from payments.providers.notices import notify
from payments.providers.port import DisputeStatus as D
from payments.providers.port import EventKind

ANSWER_WITHIN = timedelta(days=7)
DECIDED_AFTER = timedelta(days=1)
FEE_MINOR = 2_000
_REVIEW = {D.NEEDS_RESPONSE.value: D.UNDER_REVIEW, D.WARNING_NEEDS_RESPONSE.value: D.WARNING_UNDER_REVIEW}


def open_dispute(
    *, intent: SandboxIntent, now: datetime, due_at: datetime | None = None, amount: Money | None = None,
    inquiry: bool = False, reason: str = "product_not_received",
) -> SandboxDispute:  # fmt: skip
    """The cardholder went to the bank. Without an answer the bank decides for them when the time is up."""
    with transaction.atomic():
        dispute = SandboxDispute.objects.create(
            intent=intent, amount_minor=amount.minor if amount else intent.amount_minor,
            fee_minor=0 if inquiry else FEE_MINOR, reason=reason, due_by=now + ANSWER_WITHIN, created_at=now,
            status=(D.WARNING_NEEDS_RESPONSE if inquiry else D.NEEDS_RESPONSE).value,
        )  # fmt: skip
        _tell(dispute, dispute.status, now=now, due_at=due_at)
        silent = D.WARNING_CLOSED if inquiry else D.LOST
        _tell(dispute, silent.value, now=now, due_at=dispute.due_by)
    return dispute


def submit_evidence(*, dispute_id: UUID, facts: Mapping[str, object], now: datetime) -> SandboxDispute:
    """The merchant answers; the bank decides a day later. Repeating it changes nothing.

    Raises NotFound, InvalidInput (too late, or decided).
    """
    with transaction.atomic():
        dispute = SandboxDispute.objects.select_for_update().filter(id=dispute_id).first()
        if dispute is None:
            raise NotFound()
        if dispute.evidence is not None:
            return dispute
        if dispute.status not in _REVIEW or now > dispute.due_by:
            raise InvalidInput("The bank takes no evidence any more.")
        dispute.evidence, dispute.status = dict(facts), _REVIEW[dispute.status].value
        dispute.save()
        _withdraw_silence(dispute)
        _tell(dispute, dispute.status, now=now)
        _tell(dispute, _verdict(dispute, facts).value, now=now, due_at=now + DECIDED_AFTER)
    return dispute


def _withdraw_silence(dispute: SandboxDispute) -> None:
    """The notice of a lost silence is not sent any more."""
    for webhook in SandboxWebhook.objects.filter(delivered_at=None, due_at=dispute.due_by):
        if str(dispute.id).encode() in bytes(webhook.body):
            webhook.delete()


def _verdict(dispute: SandboxDispute, facts: Mapping[str, object]) -> D:
    if dispute.status == D.WARNING_UNDER_REVIEW:
        return D.WARNING_CLOSED
    return D.WON if facts.get("delivered_at") else D.LOST


def _tell(dispute: SandboxDispute, status: str, *, now: datetime, due_at: datetime | None = None) -> None:
    """Every notice tells the whole dispute."""
    more = {
        "dispute": {
            "amount": dispute.amount_minor, "currency": dispute.intent.currency, "fee": dispute.fee_minor,
            "reason": dispute.reason, "due_by": dispute.due_by.isoformat(), "opened_at": dispute.created_at.isoformat(),
        }
    }  # fmt: skip
    notify(
        EventKind.DISPUTE, dispute.intent.idempotency_key, status, str(dispute.id), now=now, due_at=due_at, more=more
    )
