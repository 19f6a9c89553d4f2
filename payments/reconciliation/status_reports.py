"""What follows from a pain.002: transfers the bank refused fail at once and their money is payable again.

Accepted only means that the bank took an order in; whether it was paid is for the statement (camt) to say.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from core.actor import Actor
from core.audit import services as audit
from core.errors import DomainError, NotFound
from payments.payouts.services import record_payout_return
from payments.providers.bank_models import BankOrder, PaymentFile
from payments.reconciliation.models import StatusReport
from payments.reconciliation.pain002 import StatusReportFact, TransactionStatus, Verdict, read_status_report

BANK = Actor.provider("bank")


class StatusReportChanged(DomainError):
    """The same report came with other content; nothing of it was taken."""

    code = "status_report_changed"
    message = "This status report was imported before with other content."
    remedy = "Ask the bank which one counts."


@dataclass(frozen=True, slots=True)
class ReportOutcome:
    """What an import did. `known`: it was there before and nothing changed; `unknown`: transfers that are not ours."""

    report_id: UUID
    known: bool
    accepted: int
    rejected: int
    unknown: int


def import_status_report(*, content: bytes, file_name: str, actor: Actor, now: datetime) -> ReportOutcome | None:
    """Read a pain.002 and carry out its refusals, in one transaction; None when the message is of another kind.

    Refused payouts fail and are payable again, refused refunds fail and wait for the operator. A transfer that our
    statement has shown as paid is not touched by a late report. The same report again changes nothing. Locks the file's
    orders, in id order. Raises NotFound (not an operator), InvalidStatement, StatusReportChanged.
    """
    if not (actor.is_operator or actor.is_system):
        raise NotFound()
    fact = read_status_report(content)
    if fact is None:
        return None
    digest = hashlib.sha256(repr(fact).encode()).hexdigest()
    with transaction.atomic():
        made = PaymentFile.objects.filter(message_id=fact.original_message_id).first()
        orders = (
            list(BankOrder.objects.select_for_update(of=("self",)).filter(file=made).order_by("id")) if made else []
        )
        known = StatusReport.objects.filter(message_id=fact.message_id[:40]).first()
        if known is not None:
            if known.digest != digest:
                raise StatusReportChanged()
            return ReportOutcome(known.id, True, known.accepted_count, known.rejected_count, known.unknown_count)
        accepted, rejected, unknown = _carry_out(fact, {order.end_to_end_id: order for order in orders}, now=now)
        report = StatusReport.objects.create(
            message_id=fact.message_id[:40], original_message_id=fact.original_message_id[:40], file=made, digest=digest,
            status=fact.status[:4], reason=fact.reason, accepted_count=accepted, rejected_count=rejected,
            unknown_count=unknown, file_name=file_name[:200], imported_at=now, imported_by=actor.reference[:120],
        )  # fmt: skip
        audit.record(
            actor=actor, action="status_report.imported", subject_type="payment_file",
            subject_id=made.id if made else fact.original_message_id, now=now, accepted=accepted, rejected=rejected,
        )  # fmt: skip
    return ReportOutcome(report.id, False, accepted, rejected, unknown)


def _carry_out(fact: StatusReportFact, orders: dict[str, BankOrder], *, now: datetime) -> tuple[int, int, int]:
    """(accepted, rejected, unknown). What is said of a transfer counts before what is said of the whole."""
    accepted = rejected = unknown = 0
    for status in _statuses(fact, orders):
        order = orders.get(status.end_to_end_id)
        if order is None:
            unknown += 1
        elif status.verdict is Verdict.REJECTED:
            rejected += _reject(order, status, now=now)
        else:
            _note(order, status)
            accepted += status.verdict is Verdict.ACCEPTED
    return accepted, rejected, unknown


def _statuses(fact: StatusReportFact, orders: dict[str, BankOrder]) -> Iterator[TransactionStatus]:
    listed = {status.end_to_end_id for status in fact.transactions}
    yield from fact.transactions
    if fact.verdict is not Verdict.PENDING:
        for key in orders:
            if key not in listed:
                yield TransactionStatus(key, fact.status, fact.reason, "")


def _note(order: BankOrder, status: TransactionStatus) -> None:
    order.bank_status = status.status[:4]
    order.save(update_fields=["bank_status"])


def _reject(order: BankOrder, status: TransactionStatus, *, now: datetime) -> bool:
    """True when it changed something: orders that were paid, or failed before, stay as they are."""
    if order.state != "SENT":
        return False
    order.state, order.bank_status = "RETURNED", status.status[:4]
    order.failure_code = status.reason or "refused"
    order.save(update_fields=["state", "bank_status", "failure_code"])
    if order.purpose == "PAYOUT":
        record_payout_return(payout_id=order.id, code=order.failure_code, actor=BANK, now=now)
    return True
