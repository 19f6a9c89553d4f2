"""List texts without a Spanish translation; exit 1 when there are any."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from core.web.catalogues import find_missing


class Command(BaseCommand):
    help = "List every text used in templates and gettext calls that has no Spanish translation."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        missing = find_missing()
        for one in missing:
            self.stdout.write(f"{one.module}: {one.file}: {one.msgid!r}")
        if missing:
            sys.exit(1)
