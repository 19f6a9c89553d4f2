"""What payments does on events: pays sellers when money becomes available, credits what was refunded, writes letters."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from core.events.payments import (
    ChargebackLost,
    ChargebackOpened,
    ChargebackWon,
    EscrowDecided,
    EscrowFunded,
    EscrowPartReleased,
    EscrowRefunded,
    EscrowReleased,
    EscrowReleaseDue,
    PayoutFailed,
    PayoutReturned,
    RefundDone,
    RefundFailed,
    RefundRequested,
)
from core.outbox.services import subscribe
from payments import tasks
from payments.documents import services as documents
from payments.escrow import milestones
from payments.payouts import services as payouts
from payments.webhooks import audience


def on_release_to_withhold_vat(event: EscrowReleased, *, now: datetime) -> None:
    documents.withhold_vat(order_id=event.order_id, now=now)


def on_escrow_released(event: EscrowReleased, *, now: datetime) -> None:
    payouts.request_payout_on_release(seller_id=event.seller_id, currency=event.amount.currency, now=now)


def on_escrow_decided(event: EscrowDecided, *, now: datetime) -> None:
    payouts.request_payout_on_release(seller_id=event.seller_id, currency=event.amount.currency, now=now)


def on_escrow_part_released(event: EscrowPartReleased, *, now: datetime) -> None:
    payouts.request_payout_on_release(seller_id=event.seller_id, currency=event.amount.currency, now=now)


def on_escrow_funded(event: EscrowFunded, *, now: datetime) -> None:
    milestones.release_deposit(milestone_id=event.order_id, now=now)


def on_escrow_release_due_write(event: EscrowReleaseDue, *, now: datetime) -> None:
    _after_commit(tasks.release_due_letter_task, str(event.order_id), event.release_at.isoformat())


def on_chargeback_opened_write(event: ChargebackOpened, *, now: datetime) -> None:
    _after_commit(tasks.chargeback_letter_task, str(event.chargeback_id))


def on_chargeback_won_write(event: ChargebackWon, *, now: datetime) -> None:
    _after_commit(tasks.chargeback_closed_letter_task, str(event.chargeback_id), True)


def on_chargeback_lost_write(event: ChargebackLost, *, now: datetime) -> None:
    _after_commit(tasks.chargeback_closed_letter_task, str(event.chargeback_id), False)


def on_refund_requested_write(event: RefundRequested, *, now: datetime) -> None:
    _after_commit(tasks.refund_letter_task, str(event.refund_id), "REQUESTED")


def on_refund_done_write(event: RefundDone, *, now: datetime) -> None:
    _after_commit(tasks.refund_letter_task, str(event.refund_id), "DONE")


def on_refund_failed_write(event: RefundFailed, *, now: datetime) -> None:
    _after_commit(tasks.refund_letter_task, str(event.refund_id), "FAILED")


def on_payout_failed_write(event: PayoutFailed, *, now: datetime) -> None:
    _after_commit(tasks.payout_letter_task, str(event.payout_id))


def on_payout_returned_write(event: PayoutReturned, *, now: datetime) -> None:
    _after_commit(tasks.payout_letter_task, str(event.payout_id))


def _after_commit(task: Any, *arguments: Any) -> None:
    """Letters never hold up an event: they go to a worker once the event counts as handled."""
    transaction.on_commit(partial(task.delay, *arguments), robust=True)


def on_part_release_to_withhold_vat(event: EscrowPartReleased, *, now: datetime) -> None:
    documents.withhold_vat(order_id=event.order_id, now=now)


def on_refund_to_credit(event: RefundRequested, *, now: datetime) -> None:
    if event.order_id is not None:
        documents.credit_refunds(order_id=event.order_id, actor=documents.CLOCK, now=now)


def on_chargeback_lost(event: ChargebackLost, *, now: datetime) -> None:
    """The buyer has the money for good: the invoices are corrected as for a refund."""
    for order_id in event.order_ids:
        documents.credit_refunds(order_id=order_id, actor=documents.CLOCK, now=now)


def on_escrow_refunded(event: EscrowRefunded, *, now: datetime) -> None:
    documents.credit_refunds(order_id=event.order_id, actor=documents.CLOCK, now=now)


def on_decision_to_credit(event: EscrowDecided, *, now: datetime) -> None:
    documents.credit_refunds(order_id=event.order_id, actor=documents.CLOCK, now=now)


subscribe(EscrowReleased, on_release_to_withhold_vat)  # before the payout: afterwards the balance is empty
subscribe(EscrowReleased, on_escrow_released)
subscribe(EscrowDecided, on_decision_to_credit)
subscribe(EscrowDecided, on_escrow_decided)
subscribe(EscrowRefunded, on_escrow_refunded)
subscribe(EscrowFunded, on_escrow_funded)
subscribe(EscrowPartReleased, on_part_release_to_withhold_vat)
subscribe(EscrowPartReleased, on_escrow_part_released)
subscribe(RefundRequested, on_refund_to_credit)
subscribe(ChargebackLost, on_chargeback_lost)
subscribe(EscrowReleaseDue, on_escrow_release_due_write)
subscribe(ChargebackOpened, on_chargeback_opened_write)
subscribe(ChargebackWon, on_chargeback_won_write)
subscribe(ChargebackLost, on_chargeback_lost_write)
subscribe(RefundRequested, on_refund_requested_write)
subscribe(RefundDone, on_refund_done_write)
subscribe(RefundFailed, on_refund_failed_write)
subscribe(PayoutFailed, on_payout_failed_write)
subscribe(PayoutReturned, on_payout_returned_write)
audience.register()
