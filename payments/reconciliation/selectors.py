"""Reads of statements and lines."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet, Sum

from core.errors import NotFound
from core.money import Money
from payments.ledger.rules import AccountCode
from payments.ledger.selectors import balance
from payments.providers.bank_models import BankAccount, BankIntent, BankOrder, PaymentFile
from payments.reconciliation.models import BankLine, BankStatement
from payments.reconciliation.states import WAITING, LineState

#: How many days after a file was made a transfer may appear on a statement.
MATCH_DAYS = 10


def statements() -> QuerySet[BankStatement]:
    """For paging, newest first."""
    return BankStatement.objects.select_related("account").order_by("-imported_at", "-id")


def open_lines() -> QuerySet[BankLine]:
    """What nobody has explained yet, oldest first."""
    return BankLine.objects.filter(state__in=[state.value for state in WAITING]).order_by("seen_at", "id")


def count_open_lines() -> int:
    return open_lines().count()


def find_statement(kind: str, account_number: str, statement_id: str, page: str) -> BankStatement | None:
    return BankStatement.objects.filter(
        kind=kind, account_number=account_number, statement_id=statement_id, page=page
    ).first()


def find_bank_account(number: str) -> BankAccount | None:
    return BankAccount.objects.filter(number=number, is_active=True).first()


def lock_imports_of(number: str) -> None:
    """Statements of one account are imported one after the other (advisory lock until the transaction ends)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 53))", [number])


def find_line(account: BankAccount | None, fingerprint: str) -> BankLine | None:
    if account is None:
        return None
    return BankLine.objects.select_for_update().filter(account=account, fingerprint=fingerprint).first()


def lock_line(line_id: UUID) -> BankLine:
    """Raises NotFound."""
    line = BankLine.objects.select_for_update(of=("self",)).select_related("account").filter(id=line_id).first()
    if line is None:
        raise NotFound("There is no such bank line.")
    return line


def lock_noted_parts(account: BankAccount, servicer_ref: str, amount: Money) -> list[BankLine]:
    """The transactions of a batch that an earlier notification listed, when they add up to the booked entry."""
    lines = list(
        BankLine.objects.select_for_update()
        .filter(account=account, servicer_ref=servicer_ref, state=LineState.NOTED.value, currency=amount.currency)
        .order_by("id")
    )
    return lines if len(lines) > 1 and sum(line.amount_minor for line in lines) == amount.minor else []


def lock_order(order_id: UUID) -> BankOrder | None:
    return BankOrder.objects.select_for_update(of=("self",)).filter(id=order_id).first()


def find_sent_orders(amount: Money, iban: str, booked_on: date | None) -> list[BankOrder]:
    """Transfers under way with this amount and account, the oldest first."""
    rows = BankOrder.objects.filter(
        state="SENT", amount_minor=amount.minor, currency=amount.currency, iban=iban
    ).select_related("file")  # fmt: skip
    if booked_on is not None:
        rows = rows.filter(
            file__created_at__date__lte=booked_on, file__created_at__date__gte=booked_on - timedelta(days=MATCH_DAYS)
        )
    return list(rows.order_by("created_at", "id")[:20])


def find_executed_orders(amount: Money, iban: str) -> list[BankOrder]:
    """Finished transfers a return may belong to."""
    rows = BankOrder.objects.filter(
        state="EXECUTED", amount_minor=amount.minor, currency=amount.currency, iban=iban
    ).order_by("-created_at")  # fmt: skip
    return list(rows[:2])


def find_file_for(batch_id: str, total: Money) -> PaymentFile | None:
    """The payment file booked as one entry: by its message id, else by a total no other open file has."""
    waiting = PaymentFile.objects.filter(orders__state="SENT", total_minor=total.minor, currency=total.currency)
    files = list(waiting.distinct()[:20])
    named = [made for made in files if batch_id and batch_id.startswith(made.message_id[:30])]
    unique = named or (files if not batch_id else [])
    if len(unique) != 1:
        return None
    sent = unique[0].orders.filter(state="SENT").aggregate(total=Sum("amount_minor"))["total"]
    return unique[0] if sent == total.minor else None


def lock_intent_by_reference(reference: str) -> BankIntent | None:
    return BankIntent.objects.select_for_update(of=("self",)).filter(reference=reference).first()


def lock_intent_of_charge(charge_id: UUID) -> BankIntent | None:
    return BankIntent.objects.select_for_update(of=("self",)).filter(idempotency_key=str(charge_id)).first()


def list_intents_to_close(limit: int) -> list[UUID]:
    """Open intents, the ones that expire first."""
    rows = BankIntent.objects.filter(closed_at=None).order_by("expires_at")
    return list(rows.values_list("id", flat=True)[:limit])


def ledger_balance(account: BankAccount) -> Money:
    """What the ledger says the account holds, its opening balance included."""
    booked = balance(AccountCode.BANK, str(account.id), account.currency)
    return booked + Money(account.opening_minor or 0, account.currency)
