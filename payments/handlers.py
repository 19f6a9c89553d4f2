"""What payments does on events: pays sellers when their money becomes available, credits what was refunded."""

from __future__ import annotations

from datetime import datetime

from core.events.payments import EscrowDecided, EscrowRefunded, EscrowReleased
from core.outbox.services import subscribe
from payments.documents import services as documents
from payments.payouts import services as payouts


def on_release_to_withhold_vat(event: EscrowReleased, *, now: datetime) -> None:
    documents.withhold_vat(order_id=event.order_id, now=now)


def on_escrow_released(event: EscrowReleased, *, now: datetime) -> None:
    payouts.request_payout_on_release(seller_id=event.seller_id, currency=event.amount.currency, now=now)


def on_escrow_decided(event: EscrowDecided, *, now: datetime) -> None:
    payouts.request_payout_on_release(seller_id=event.seller_id, currency=event.amount.currency, now=now)


def on_escrow_refunded(event: EscrowRefunded, *, now: datetime) -> None:
    documents.credit_refunds(order_id=event.order_id, actor=documents.CLOCK, now=now)


def on_decision_to_credit(event: EscrowDecided, *, now: datetime) -> None:
    documents.credit_refunds(order_id=event.order_id, actor=documents.CLOCK, now=now)


subscribe(EscrowReleased, on_release_to_withhold_vat)  # before the payout: afterwards the balance is empty
subscribe(EscrowReleased, on_escrow_released)
subscribe(EscrowDecided, on_decision_to_credit)
subscribe(EscrowDecided, on_escrow_decided)
subscribe(EscrowRefunded, on_escrow_refunded)
