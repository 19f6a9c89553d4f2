"""manage.py check_epcis FILES: captures each document, reads it back and compares; keeps nothing. For conformance checks."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from core.clock import utc_now
from core.errors import DomainError
from core.ids import new_id
from logistics.epcis.selectors import document_again
from logistics.epcis.services import capture_document


class Command(BaseCommand):
    help = "Capture EPCIS documents and compare what comes back; with --schema both are also validated against it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path)
        parser.add_argument("--schema", type=Path, help="a JSON Schema of EPCIS documents (GS1 publishes one)")

    def handle(self, *args: Any, **options: Any) -> None:
        validator = _validator(options["schema"])
        bad = 0
        for file in options["files"]:
            wrong = _check(json.loads(file.read_text()), validator)
            bad += bool(wrong)
            self.stdout.write(f"{file.name}: {wrong or 'captured and read back unchanged'}")
        if bad:
            raise CommandError(f"{bad} of {len(options['files'])} documents did not pass.")


def _validator(schema: Path | None) -> Any:
    if schema is None:
        return None
    from jsonschema import Draft7Validator

    return Draft7Validator(json.loads(schema.read_text()))


def _check(document: Any, validator: Any) -> str:
    """What is wrong with the document, or nothing."""
    if wrong := _invalid(document, validator):
        return f"not valid by the schema: {wrong}"
    try:
        with transaction.atomic():
            capture = capture_document(document=document, organisation_id=new_id(), now=utc_now())
            again = document_again(capture)
            transaction.set_rollback(True)
    except DomainError as refusal:
        return f"refused: {refusal.message} ({refusal.field})"
    if again != document:
        return "changed on the way"
    return ""


def _invalid(document: Any, validator: Any) -> str:
    """The first thing the schema says against the document, or nothing."""
    found = next(iter(validator.iter_errors(document)), None) if validator else None
    return found.message[:200] if found else ""
