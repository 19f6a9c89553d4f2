"""manage.py verify_ledger: re-derive every balance, re-hash the chain; exit 1 and name the rows that are wrong."""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from payments.ledger.selectors import Defect
from payments.ledger.verification import Section, sections

MAX_KEPT = 1000
"""Defects named; beyond them only the count is kept, so that a ruined ledger does not fill the memory."""


@dataclass
class Progress:
    """How far a run came: the sections that are done, the position in the next, what was found."""

    done: list[str] = field(default_factory=list)
    position: int = 0
    broken: int = 0
    named: list[list[str]] = field(default_factory=list)

    def note(self, defects: list[Defect]) -> None:
        self.broken += len(defects)
        self.named += [[defect.subject, defect.detail] for defect in defects][: MAX_KEPT - len(self.named)]


class Command(BaseCommand):
    help = (
        "Checks the ledger from its first entry on: balances, roll-ups, transactions, currencies, escrows, hash chain."
        " Works in bounded steps beside traffic; exits 1 naming the rows that are wrong."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--resume", action="store_true", help="go on where an interrupted run stopped")
        parser.add_argument("--checkpoint", type=Path, default=settings.DATA_DIR / "verify_ledger.json")
        parser.add_argument("--section", action="append", help="only this section (may be repeated)")

    def handle(self, *args: Any, **options: Any) -> None:
        checkpoint: Path = options["checkpoint"]
        progress = self._load(checkpoint) if options["resume"] else Progress()
        wanted = [s for s in sections() if not options["section"] or s.name in options["section"]]
        if not wanted:
            raise CommandError(f"There is no such section. There are: {', '.join(s.name for s in sections())}.")
        for section in wanted:
            if section.name not in progress.done:
                self._check(section, progress, checkpoint)
        checkpoint.unlink(missing_ok=True)
        for subject, detail in progress.named:
            self.stdout.write(f"WRONG: {subject}: {detail}")
        if progress.broken:
            raise CommandError(f"{progress.broken} rows are wrong.", returncode=1)
        self.stdout.write("The ledger is in order.")

    def _check(self, section: Section, progress: Progress, checkpoint: Path) -> None:
        before = progress.broken
        with tqdm(total=section.end(), initial=progress.position, desc=section.name, disable=None) as bar:
            for position, defects in section.run(progress.position):
                bar.update(position - progress.position)
                progress.position = position
                progress.note(defects)
                self._save(checkpoint, progress)
        progress.done.append(section.name)
        progress.position = 0
        self._save(checkpoint, progress)
        self.stdout.write(f"{'ok ' if progress.broken == before else 'BAD'} {section.title}")

    def _load(self, checkpoint: Path) -> Progress:
        return Progress(**json.loads(checkpoint.read_text())) if checkpoint.exists() else Progress()

    def _save(self, checkpoint: Path, progress: Progress) -> None:
        checkpoint.parent.mkdir(parents=True, exist_ok=True)
        unfinished = checkpoint.with_suffix(f".{os.getpid()}")  # renamed when whole: a killed run leaves no half file
        unfinished.write_text(json.dumps(asdict(progress)))
        unfinished.rename(checkpoint)
