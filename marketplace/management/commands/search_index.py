"""manage.py search_index [--rebuild]: how this node's search index stands; --rebuild has it built anew."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from marketplace import facade


class Command(BaseCommand):
    help = "Says how this node's search index stands. --rebuild: the process that follows the feed builds it anew."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rebuild", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["rebuild"]:
            facade.rebuild_search()
        for name, value in facade.search_status().items():
            self.stdout.write(f"{name}: {value}")
