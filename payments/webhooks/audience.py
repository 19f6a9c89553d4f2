"""Who hears of money that moved: the parties of the order or charge, each with its own part only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from core.events import Event
from core.events.payments import (
    AdjustmentRejected,
    AdjustmentRequested,
    ChargebackLost,
    ChargebackOpened,
    ChargebackWon,
    ChargeCaptured,
    ChargeFailed,
    RefundDone,
    RefundFailed,
    RefundRequested,
    StatementImported,
)
from core.webhooks.audience import keep_internal, register_audience
from payments.chargebacks.selectors import views_by_seller
from payments.charges.selectors import get_charge_view
from payments.contracts import ChargeNotFound, EscrowNotFound
from payments.escrow.selectors import get_escrow_view


def buyer_of_charge(event: Any) -> Mapping[UUID, Event]:
    """A purchase's money is its buyer's business: a seller would learn what was bought elsewhere."""
    try:
        return {get_charge_view(event.charge_id).buyer_id: event}
    except ChargeNotFound:
        return {}


def parties_of_refund(event: Any) -> Mapping[UUID, Event]:
    """Buyer and seller of the order; a refund of no single order is the buyer's alone."""
    if event.order_id is None:
        return buyer_of_charge(event)
    try:
        escrow = get_escrow_view(event.order_id)
    except EscrowNotFound:
        return buyer_of_charge(event)
    return {escrow.buyer_id: event, escrow.seller_id: event}


def sellers_of_chargeback(event: Any) -> Mapping[UUID, Event]:
    """Each seller hears of its own orders and its own part of the amount."""
    return {
        seller_id: replace(event, order_ids=view.order_ids, seller_ids=(seller_id,), amount=view.amount)
        for seller_id, view in views_by_seller(event.chargeback_id).items()
    }


def register() -> None:
    """Called from payments.handlers."""
    for charge_event in (ChargeCaptured, ChargeFailed):
        register_audience(charge_event, buyer_of_charge)
    for refund_event in (RefundRequested, RefundDone, RefundFailed):
        register_audience(refund_event, parties_of_refund)
    for chargeback_event in (ChargebackOpened, ChargebackWon, ChargebackLost):
        register_audience(chargeback_event, sellers_of_chargeback)
    for internal in (AdjustmentRequested, AdjustmentRejected, StatementImported):
        keep_internal(internal)
