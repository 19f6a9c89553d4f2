"""manage.py verify_ledger: re-derive every balance from the entries; exit 1 and name the row when one differs."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from payments.ledger.selectors import CHECKS, find_defects


class Command(BaseCommand):
    help = "Re-derives every balance of the ledger; exits 1 naming the rows that are wrong."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = 0
        for title, query in CHECKS:
            defects = list(find_defects(query))
            broken += len(defects)
            self.stdout.write(f"{'ok ' if not defects else 'BAD'} {title}")
            for defect in defects:
                self.stdout.write(f"    {defect.subject}: {defect.detail}")
        if broken:
            raise CommandError(f"{broken} rows are wrong.", returncode=1)
        self.stdout.write("The ledger is in order.")
