"""manage.py sandbox_statement [--output FILE]: what the sandbox's bank would send today; without --output, imported."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.actor import Actor
from core.clock import utc_now
from core.errors import DomainError
from payments.providers.bank_models import BankAccount
from payments.providers.sandbox_bank import write_statement
from payments.reconciliation.selectors import ledger_balance
from payments.reconciliation.services import import_statements


class Command(BaseCommand):
    help = "Simulates the bank: books sent payment files, returns to closed accounts, pays expected transfers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--output", type=Path, help="write the camt.053 here instead of importing it")

    def handle(self, *args: Any, **options: Any) -> None:
        account = BankAccount.objects.filter(is_active=True).order_by("id").first()
        if account is None:
            raise CommandError("Register a bank account first (admin: Bank accounts).", returncode=1)
        now = utc_now()
        try:
            content = write_statement(account=account, opening=ledger_balance(account), now=now)
            if options["output"]:
                options["output"].write_bytes(content)
                self.stdout.write(str(options["output"]))
                return
            done = import_statements(
                content=content, file_name="sandbox.xml", actor=Actor.system("sandbox_statement"), now=now
            )
        except DomainError as error:
            raise CommandError(f"{error.message} {error.remedy}".strip(), returncode=1) from error
        self.stdout.write(f"{done.lines} lines, {done.matched} explained, {done.left_open} open")
