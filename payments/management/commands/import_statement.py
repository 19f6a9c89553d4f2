"""manage.py import_statement FILE…: read what banks send (camt.052, camt.053, camt.054, pain.002) and book it."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.actor import Actor
from core.clock import utc_now
from core.errors import DomainError
from payments.reconciliation.camt import read_message
from payments.reconciliation.rules import balance_difference, count_skipped, lines_of
from payments.reconciliation.services import import_statements
from payments.reconciliation.status_reports import import_status_report


def _describe(content: bytes) -> str:
    """What a message holds: its kind, and each statement with its account, booked lines and whether it adds up."""
    message = read_message(content)
    parts = []
    for statement in message.statements:
        lines, difference = list(lines_of(statement, message.kind)), balance_difference(statement)
        adds_up = (
            "no balances to compare" if difference is None else f"off by {difference}" if difference else "adds up"
        )
        skipped = count_skipped(statement)
        parts.append(f"{statement.account}: {len(lines)} lines, {skipped} not booked, {adds_up}")
    return f"{message.kind}.001.{message.version}; " + "; ".join(parts)


class Command(BaseCommand):
    help = "Imports bank statements; exits 1 when a file could not be read. The same file twice changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="only read: say what is in the files, store nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        refused = 0
        for path in options["files"]:
            try:
                if options["dry_run"]:
                    self.stdout.write(f"{path.name}: {_describe(path.read_bytes())}")
                    continue
                asked: dict[str, Any] = {
                    "content": path.read_bytes(), "file_name": path.name, "actor": Actor.system("import_statement"),
                    "now": utc_now(),
                }  # fmt: skip
                report = import_status_report(**asked)
                if report is not None:
                    said = f"{report.accepted} accepted, {report.rejected} refused, {report.unknown} not ours"
                    self.stdout.write(f"{path.name}: {said}{' (known)' if report.known else ''}")
                    continue
                done = import_statements(**asked)
            except (DomainError, OSError) as error:
                refused += 1
                remedy = getattr(error, "remedy", "")
                self.stderr.write(f"{path.name}: {error} {remedy}".strip())
                continue
            self.stdout.write(
                f"{path.name}: {len(done.statements)} new statements, {done.known} known, {done.lines} lines,"
                f" {done.matched} explained, {done.left_open} open"
            )
        if refused:
            raise CommandError(f"{refused} files were refused.", returncode=1)
