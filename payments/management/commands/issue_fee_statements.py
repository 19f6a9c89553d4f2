"""manage.py issue_fee_statements [YYYY-MM]: the platform's fee statements of a month, by default the last one."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.actor import Actor
from core.clock import utc_now
from core.errors import DomainError
from payments.documents.services import issue_fee_statements
from payments.payouts.statements import month_of


class Command(BaseCommand):
    help = "Issues the fee statements of a finished month; those that exist are left alone."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("month", nargs="?", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        now = utc_now()
        last = month_of("", now=now) - timedelta(days=1)
        month = month_of(options["month"] or f"{last:%Y-%m}", now=now)
        try:
            made = issue_fee_statements(month=month, actor=Actor.system("issue_fee_statements"), now=now)
        except DomainError as error:
            raise CommandError(error.message, returncode=1) from error
        self.stdout.write(f"{month:%Y-%m}: {made} fee statements")
