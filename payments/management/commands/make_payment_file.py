"""manage.py make_payment_file [--account NUMBER] [--output FILE]: waiting transfers into one pain.001 message."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.actor import Actor
from core.clock import utc_now
from core.errors import DomainError
from payments.providers.bank import create_payment_file
from payments.providers.bank_models import BankAccount


class Command(BaseCommand):
    help = "Makes a pain.001 payment file of all waiting transfers of an account, checked against its schema."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--account", help="IBAN of the platform's account; needed when there are several")
        parser.add_argument("--output", type=Path, help="where to write the file; default: its id .xml, here")

    def handle(self, *args: Any, **options: Any) -> None:
        accounts = BankAccount.objects.filter(is_active=True)
        if options["account"]:
            accounts = accounts.filter(number=options["account"].replace(" ", ""))
        if len(found := list(accounts[:2])) != 1:
            raise CommandError("Name one of the platform's accounts with --account.")
        try:
            made = create_payment_file(account_id=found[0].id, actor=Actor.system("make_payment_file"), now=utc_now())
        except DomainError as error:
            raise CommandError(f"{error.message} {error.remedy}".strip(), returncode=1) from error
        path = options["output"] or Path(f"{made.message_id}.xml")
        path.write_text(made.content)
        self.stdout.write(f"{path}: {made.count} transfers, {made.total}, {made.schema}")
