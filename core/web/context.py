"""What every page of the shell needs."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """Template context of the base layout."""
    return {
        "site_url": settings.SITE_URL,
        "is_sandbox": settings.LONJA["SANDBOX"],
        "actor": getattr(request, "actor", None),
    }
