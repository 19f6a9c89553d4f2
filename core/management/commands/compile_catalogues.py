"""Compile the translation catalogues that changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from core.web.catalogues import compile_all


class Command(BaseCommand):
    help = "Compile every */locale/*/LC_MESSAGES/django.po to .mo (no gettext needed); up-to-date ones are skipped."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        for path in compile_all(Path(settings.BASE_DIR)):
            self.stdout.write(str(path.relative_to(settings.BASE_DIR)))
