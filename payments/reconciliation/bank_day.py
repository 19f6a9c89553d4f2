"""A day at the sandbox's bank, for worlds without one: orders go out in a file and come back in a statement."""

from __future__ import annotations

from datetime import datetime

from core.actor import Actor
from core.errors import NotFound
from payments.providers.bank import create_payment_file, find_receiving_account
from payments.providers.bank_models import BankOrder
from payments.providers.sandbox_bank import write_statement
from payments.reconciliation.selectors import ledger_balance
from payments.reconciliation.services import Imported, import_statements

BANK = Actor.system("sandbox-bank")


def live_bank_day(*, currency: str, strangers: int, returned: int, now: datetime) -> Imported:
    """Waiting transfers in one file, and the statement the bank sends about it. Raises NotFound (no account, no sandbox)."""
    account = find_receiving_account(currency)
    if account is None:
        raise NotFound("There is no such bank account.")
    if BankOrder.objects.filter(state="WAITING", currency=currency).exists():
        create_payment_file(account_id=account.id, actor=BANK, now=now)
    content = write_statement(
        account=account, opening=ledger_balance(account), now=now, strangers=strangers, returned=returned
    )
    return import_statements(content=content, file_name="sandbox.xml", actor=BANK, now=now)
