"""What every page of the shell needs, and what modules add to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, get_language_bidi

from core.identity import selectors
from core.identity.models import Membership
from core.web.assets import bundle_url

Provider = Callable[[HttpRequest], dict[str, Any]]
THEMES = ("auto", "light", "dark")
THEME_COOKIE = "theme"
MEMBERSHIPS_IN_MENU = 20

_PROVIDERS: list[Provider] = []


def register_shell_provider(provider: Provider) -> None:
    """Let a module add to the shell's context, e.g. `cart_count`. Called from its AppConfig.ready(); cheap or lazy."""
    if provider not in _PROVIDERS:
        _PROVIDERS.append(provider)


def theme_of(request: HttpRequest) -> str:
    """The chosen theme: this browser's cookie, else what the signed-in person saved, else auto."""
    user = getattr(request, "user", None)
    saved = user.theme if user is not None and user.is_authenticated else "auto"
    chosen = request.COOKIES.get(THEME_COOKIE, saved)
    return chosen if chosen in THEMES else "auto"


def memberships_of(request: HttpRequest) -> list[Membership]:
    """Memberships of the signed-in person with their organisations, oldest first."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    return selectors.memberships_of(user.pk)[:MEMBERSHIPS_IN_MENU]


def shell(request: HttpRequest) -> dict[str, Any]:
    """Template context of the base layout."""
    context: dict[str, Any] = {
        "site_url": settings.SITE_URL,
        "is_sandbox": settings.LONJA["SANDBOX"],
        "is_production": settings.IS_PRODUCTION,
        "actor": getattr(request, "actor", None),
        "theme": theme_of(request),
        "language": get_language() or "en",
        "direction": "rtl" if get_language_bidi() else "ltr",
        "other_languages": [(code, name) for code, name in LANGUAGE_NAMES if code != get_language()],
        "memberships": SimpleLazyObject(lambda: memberships_of(request)),
        "styles_url": bundle_url("css"),
        "scripts_url": bundle_url("js"),
        "cart_count": 0,
        "unread_count": 0,
        "notice_count": 0,
    }
    for provider in _PROVIDERS:
        context.update(provider(request))
    return context


#: Every language under its own name: who needs the switch may not read the page.
LANGUAGE_NAMES = (("en", "English"), ("es", "Español"))
