"""manage.py document_events: writes docs/events (a JSON Schema per event and the table of subscribers)."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.events import event_classes
from core.events.codec import json_schema
from core.outbox.services import subscriptions

HEAD = """# Events

Every event is a frozen dataclass in `core/events`; its payload's JSON Schema stands beside this page. Delivery is at least
once and in order within a key; a consumer records (event, handler) in its own transaction. Written by
`manage.py document_events`; a test fails when this folder is out of date.

| Event | Means | Handled by |
|---|---|---|
"""


def pages() -> dict[str, str]:
    """File name -> content of docs/events."""
    known = subscriptions()
    rows = []
    files = {}
    for event in event_classes():
        files[f"{event.wire_name}.json"] = json.dumps(json_schema(event), indent=2, ensure_ascii=False) + "\n"
        meaning = " ".join((event.__doc__ or "").split()).split(". ")[0].rstrip(".")
        handlers = ", ".join(f"`{name}`" for name in sorted(known.get(event.wire_name, []))) or "nobody yet"
        rows.append(f"| [`{event.wire_name}`]({event.wire_name}.json) | {meaning} | {handlers} |")
    files["README.md"] = HEAD + "\n".join(rows) + "\n"
    return files


class Command(BaseCommand):
    help = "Write docs/events from the event classes and the subscriptions."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail when something is out of date")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(settings.BASE_DIR) / "docs" / "events"
        wanted = pages()
        present = {path.name: path.read_text() for path in folder.iterdir()}
        if options["check"]:
            stale = sorted(name for name in {*wanted, *present} if wanted.get(name) != present.get(name))
            if stale:
                raise CommandError(
                    f"docs/events is out of date ({', '.join(stale[:5])}). Run manage.py document_events."
                )
            return
        for name in present.keys() - wanted.keys():
            (folder / name).unlink()
        for name, content in wanted.items():
            (folder / name).write_text(content)
        self.stdout.write(f"{len(wanted)} files in docs/events")
