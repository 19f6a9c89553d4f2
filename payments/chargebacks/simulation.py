"""Chargebacks in simulated worlds: the cardholder goes to the sandbox's bank."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings

from core.errors import NotFound
from payments.chargebacks.selectors import get_escrow_of
from payments.providers import disputes, network


def charge_back_in_sandbox(*, order_id: UUID, now: datetime) -> None:
    """The bank takes the payment of an order's purchase back. Raises NotFound where the sandbox is off or did not take it."""
    escrow = get_escrow_of(order_id)
    intent = network.find_intent(str(escrow.charge_id)) if settings.LONJA["SANDBOX"] else None
    if intent is None:
        raise NotFound("There is no such payment in the sandbox.")
    disputes.open_dispute(intent=intent, now=now)
