"""Importing statements, and what the operator does about lines nobody explained."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from core.actor import Actor
from core.audit import services as audit
from core.errors import DomainError, InvalidInput, NotFound
from core.events.payments import StatementImported
from core.money import Money
from core.outbox.services import publish
from payments.charges.models import Charge
from payments.charges.services import apply_result
from payments.charges.states import WAITING as CHARGE_WAITING
from payments.contracts import ChargeState
from payments.ledger.rules import AccountCode
from payments.payouts.rules import normalise_iban
from payments.providers.bank_models import BankAccount, BankIntent
from payments.providers.port import Outcome, ProviderResult
from payments.reconciliation import matching, selectors
from payments.reconciliation.camt import read_message
from payments.reconciliation.matching import A, move
from payments.reconciliation.messages import MessageFact, StatementFact
from payments.reconciliation.models import BankLine, BankStatement
from payments.reconciliation.rules import (
    LineFact,
    balance_difference,
    closing,
    count_skipped,
    counterparty,
    end_to_end_id,
    is_given,
    lines_of,
    opening,
    texts_of,
)
from payments.reconciliation.states import LineState

_BOOKING_KIND = {"STATEMENT": "camt.053", "NOTIFICATION": "camt.054"}
CLOCK = Actor.system("reconciliation")


class StatementChanged(DomainError):
    """The same statement came with other content; nothing of it was taken."""

    code = "statement_changed"
    message = "This statement was imported before with other content."
    remedy = "Ask the bank which one counts."


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: statements new and known, lines new, explained, and left open."""

    statements: tuple[UUID, ...]
    known: int
    lines: int
    matched: int
    left_open: int


def import_statements(*, content: bytes, file_name: str, actor: Actor, now: datetime) -> Imported:
    """Read a camt.052/053/054 message and book what it says, each statement in one transaction.

    The same statement again changes nothing; an entry another message has already brought is taken once. Statements
    of accounts that are not ours, and messages that do not book (BankAccount.books_from), are kept and move nothing.
    Publishes StatementImported per new statement. Raises NotFound (not an operator), InvalidStatement,
    StatementChanged.
    """
    _check_operator(actor)
    message = read_message(content)
    done, known, lines, matched = [], 0, 0, 0
    for fact in message.statements:
        with transaction.atomic():
            statement, new, explained = _import_one(message, fact, file_name, actor=actor, now=now)
        if statement is None:
            known += 1
            continue
        done.append(statement.id)
        lines, matched = lines + new, matched + explained
    still_open = BankLine.objects.filter(statement_id__in=done, state__in=["OPEN", "PARTIAL"]).count()
    return Imported(tuple(done), known, lines, matched, still_open)


def _check_operator(actor: Actor) -> None:
    if not (actor.is_operator or actor.is_system):
        raise NotFound()


def _import_one(
    message: MessageFact, fact: StatementFact, file_name: str, *, actor: Actor, now: datetime
) -> tuple[BankStatement | None, int, int]:
    digest = hashlib.sha256(repr(fact).encode()).hexdigest()
    selectors.lock_imports_of(fact.account)
    known = selectors.find_statement(message.kind, fact.account, fact.statement_id, fact.page)
    if known is not None:
        if known.digest != digest:
            raise StatementChanged()
        return None, 0, 0
    account = selectors.find_bank_account(fact.account)
    statement = _store(message, fact, account, digest, file_name, actor=actor, now=now)
    books = account is not None and _BOOKING_KIND[account.books_from] == message.kind
    new, explained = 0, 0
    for line_fact in lines_of(fact, message.kind):
        for line in _take_in(statement, line_fact, books=books, now=now):
            new += 1
            explained += books and _book_and_match(line, now=now)
    _compare(statement, fact, account, new, books=books)
    publish(
        StatementImported(
            statement_id=statement.id, account=fact.account, matched=explained, open_lines=new - explained, at=now
        ),
        actor=actor, now=now,
    )  # fmt: skip
    return statement, new, explained


def _store(
    message: MessageFact, fact: StatementFact, account: BankAccount | None, digest: str, file_name: str, *,
    actor: Actor, now: datetime,
) -> BankStatement:  # fmt: skip
    start, end = opening(fact), closing(fact)
    difference = balance_difference(fact)
    return BankStatement.objects.create(
        kind=message.kind, version=message.version, message_id=message.message_id[:40], page=fact.page[:10],
        statement_id=fact.statement_id[:40], account_number=fact.account[:40], account=account, digest=digest,
        created_on=fact.created_at, from_at=fact.from_at, to_at=fact.to_at,
        balances=[
            {"code": b.code, "amount": str(b.amount.value), "currency": b.amount.currency, "on": str(b.on or "")}
            for b in fact.balances
        ],
        opening_minor=start.minor if start else None, closing_minor=end.minor if end else None,
        currency=(start or end).currency if (start or end) else fact.account_currency[:3],  # type: ignore[union-attr]
        difference_minor=None if difference is None else difference.minor, skipped_count=count_skipped(fact),
        file_name=file_name[:200], imported_at=now, imported_by=actor.reference[:120],
    )  # fmt: skip


def _take_in(statement: BankStatement, fact: LineFact, *, books: bool, now: datetime) -> list[BankLine]:
    """The line, unless it was seen before. A booking message picks up what a notification had noted."""
    account = statement.account
    seen = selectors.find_line(account, fact.fingerprint)
    if seen is not None:
        return [seen] if books and seen.state == LineState.NOTED else []
    if books and account is not None and fact.detail is None and is_given(fact.entry.servicer_ref):
        parts = selectors.lock_noted_parts(account, fact.entry.servicer_ref, fact.amount)
        if parts:
            return parts
    detail, entry = fact.detail, fact.entry
    name, number = counterparty(detail, incoming=fact.amount.minor > 0)
    texts = texts_of(entry, detail)
    line = BankLine.objects.create(
        statement=statement, account=account, fingerprint=fact.fingerprint, amount_minor=fact.amount.minor,
        currency=fact.amount.currency, booked_on=entry.booked_on, value_on=entry.value_on,
        is_reversal=entry.is_reversal, servicer_ref=entry.servicer_ref[:80], end_to_end_id=end_to_end_id(detail)[:80],
        reference=(detail.creditor_references[0] if detail and detail.creditor_references else "")[:140],
        text=("Bank charges" if fact.is_charge else " / ".join(texts))[:500], party=name[:140],
        party_account=number[:40], return_code=(detail.return_code if detail else "")[:10],
        details=_details(fact),
        state=LineState.NOTED.value, seen_at=now,
    )  # fmt: skip
    return [line]


def _details(fact: LineFact) -> dict[str, Any]:
    """Everything else the bank said, for people; a batch that does not split keeps the texts of all its parts."""
    detail, entry = fact.detail, fact.entry
    said: dict[str, Any] = {
        "batch": entry.batch_id,
        "bank_code": (detail.bank_code if detail else "") or entry.bank_code,
    }
    if detail is not None:
        parties = [{"role": p.role, "name": p.name, "account": p.account, "ids": list(p.ids)} for p in detail.parties]
        return {**said, "refs": detail.refs, "return_text": detail.return_text, "parties": parties}
    return {**said, "texts": [text[:140] for part in entry.details for text in texts_of(entry, part)][:50]}


def _book_and_match(line: BankLine, *, now: datetime) -> bool:
    move(line, A.BOOK, actor=matching.STATEMENTS, now=now)
    matching.book(line, now=now)
    return matching.match(line, now=now)


def _compare(
    statement: BankStatement, fact: StatementFact, account: BankAccount | None, new: int, *, books: bool
) -> None:
    """Does the bank's closing balance say what our BANK account says? The first statement sets where we start."""
    statement.lines_count = new
    end, start = closing(fact), opening(fact)
    if books and account is not None:
        if account.opening_minor is None and start is not None and start.currency == account.currency:
            account.opening_minor = start.minor
            account.save(update_fields=["opening_minor"])
        if end is not None and end.currency == account.currency:
            statement.ledger_difference_minor = (end - selectors.ledger_balance(account)).minor
    statement.save(update_fields=["lines_count", "ledger_difference_minor"])


def close_transfers(*, now: datetime, limit: int = 200) -> int:
    """End transfers that are over: paid, given up or expired; parts that came go back. Returns how many ended."""
    closed = 0
    for intent_id in selectors.list_intents_to_close(limit):
        with transaction.atomic():
            intent = BankIntent.objects.select_for_update().filter(id=intent_id, closed_at=None).first()
            if intent is None:
                continue
            charge = Charge.objects.get(id=UUID(intent.idempotency_key))
            waiting = ChargeState(charge.state) in CHARGE_WAITING
            if waiting and intent.expires_at > now:
                continue
            if waiting:
                result = ProviderResult(Outcome.DECLINED, intent.reference, code="transfer_expired")
                apply_result(charge_id=charge.id, result=result, actor=CLOCK, now=now)
            _return_parts(intent, now=now)
            intent.closed_at = now
            intent.save(update_fields=["closed_at"])
            closed += 1
    return closed


def _return_parts(intent: BankIntent, *, now: datetime) -> None:
    for receipt in intent.receipts.order_by("id"):
        line = selectors.lock_line(receipt.line_id)
        if line.state == LineState.PARTIAL and matching.has_account(line):
            matching.send_back(line, line.amount, now=now)
            move(line, A.SEND_BACK, actor=CLOCK, now=now, rule="EXPIRED")


# ------------------------------------------------------------------------------------------------ the operator


def assign_line(
    *, line_id: UUID, subject: str, subject_id: UUID | None, reason: str, actor: Actor, now: datetime
) -> None:
    """Say what an open line is: a PAYOUT (or its return), a CHARGE by transfer, or the PROVIDER's settlement.

    Locks the line. Raises NotFound, TransitionRefused (not open), InvalidInput (amount, state or currency do not fit).
    """
    _check_operator(actor)
    with transaction.atomic():
        line = _lock_open(line_id)
        if subject == "PROVIDER":
            line.subject_type = subject
            matching.explain(line, AccountCode.PSP_CLEARING, key="MATCH", now=now)
            move(line, A.ASSIGN, actor=actor, now=now, rule="OPERATOR", reason=_reason(reason))
        elif not _assign_to(line, subject, subject_id, actor=actor, now=now):
            raise InvalidInput("This does not fit the line.", field="subject_id", remedy="Compare amount and state.")
        _audit(line, "assigned", reason or subject, actor=actor, now=now)


def _assign_to(line: BankLine, subject: str, subject_id: UUID | None, *, actor: Actor, now: datetime) -> bool:
    if subject_id is None:
        return False
    if subject == "CHARGE":
        intent = selectors.lock_intent_of_charge(subject_id)
        return intent is not None and matching.receive(line, intent, rule="OPERATOR", actor=actor, now=now)
    order = selectors.lock_order(subject_id)
    return order is not None and matching.match_order(line, order, rule="OPERATOR", actor=actor, now=now)


def send_line_back(
    *, line_id: UUID, reason: str, actor: Actor, now: datetime, holder: str = "", iban: str = ""
) -> None:
    """Return a receipt to its payer (or to `iban`) with the next payment file.

    Raises NotFound, TransitionRefused, InvalidInput (not a receipt, no account, no reason), InvalidIban.
    """
    _check_operator(actor)
    with transaction.atomic():
        line = _lock_open(line_id)
        if line.amount_minor <= 0:
            raise InvalidInput("Only money that came in can be sent back.", field="line")
        number = normalise_iban(iban) if iban else ""
        if not number and not matching.has_account(line):
            raise InvalidInput("The payer's account is not known.", field="iban", remedy="Enter it.")
        text = _reason(reason)
        matching.send_back(line, line.amount, now=now, holder=holder.strip(), iban=number)
        move(line, A.SEND_BACK, actor=actor, now=now, rule="OPERATOR", reason=text)
        _audit(line, "sent_back", reason, actor=actor, now=now)


def write_line_off(*, line_id: UUID, as_fee: bool, reason: str, actor: Actor, now: datetime) -> None:
    """Give up on a line, or call it a fee of the bank: the books say so, with the reason.

    Raises NotFound, TransitionRefused, InvalidInput (no reason; a receipt is not a fee).
    """
    _check_operator(actor)
    with transaction.atomic():
        line = _lock_open(line_id)
        if as_fee and line.amount_minor > 0:
            raise InvalidInput("Money that came in is not a fee.", field="as_fee")
        text = _reason(reason)
        target = AccountCode.PSP_FEES if as_fee else AccountCode.WRITE_OFF
        matching.explain(line, target, key="WRITE_OFF", now=now)
        move(line, A.WRITE_OFF, actor=actor, now=now, rule="FEE" if as_fee else "OPERATOR", reason=text)
        _audit(line, "written_off", text, actor=actor, now=now)


def _lock_open(line_id: UUID) -> BankLine:
    line = selectors.lock_line(line_id)
    if line.state != LineState.OPEN:
        raise InvalidInput("This line is settled, or waits for the rest of its payment.", field="line")
    return line


def _reason(text: str) -> str:
    if not text.strip():
        raise InvalidInput("Say why.", field="reason")
    return text.strip()


def _audit(line: BankLine, action: str, reason: str, *, actor: Actor, now: datetime) -> None:
    money = Money(line.amount_minor, line.currency)
    audit.record(
        actor=actor, action=f"bank_line.{action}", subject_type="bank_line", subject_id=line.id, now=now,
        reason=reason[:300], amount=str(money),
    )  # fmt: skip
