"""manage.py import_statement FILE…: read bank statements (camt.052, camt.053, camt.054) and book what they say."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.actor import Actor
from core.clock import utc_now
from core.errors import DomainError
from payments.reconciliation.services import import_statements


class Command(BaseCommand):
    help = "Imports bank statements; exits 1 when a file could not be read. The same file twice changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        refused = 0
        for path in options["files"]:
            try:
                done = import_statements(
                    content=path.read_bytes(), file_name=path.name, actor=Actor.system("import_statement"),
                    now=utc_now(),
                )  # fmt: skip
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
