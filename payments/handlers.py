"""What payments does on events: pays sellers when their money becomes available."""

from __future__ import annotations

from datetime import datetime

from core.events.payments import EscrowDecided, EscrowReleased
from core.outbox.services import subscribe
from payments.payouts import services as payouts


def on_escrow_released(event: EscrowReleased, *, now: datetime) -> None:
    payouts.request_payout_on_release(seller_id=event.seller_id, currency=event.amount.currency, now=now)


def on_escrow_decided(event: EscrowDecided, *, now: datetime) -> None:
    payouts.request_payout_on_release(seller_id=event.seller_id, currency=event.amount.currency, now=now)


subscribe(EscrowReleased, on_escrow_released)
subscribe(EscrowDecided, on_escrow_decided)
