"""Reads the environment once, with errors that say which variable is wrong and what it should be."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import parse_qsl, unquote, urlsplit

WEAK_SECRETS = {"", "secret", "changeme", "change-me", "insecure", "password", "lonja"}
MIN_SECRET_LENGTH = 50


def refuse(message: str) -> NoReturn:
    """Stop the process with a message for the person who starts it."""
    sys.exit(f"Lonja cannot start: {message}")


def text(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, default)
    if value is None:
        refuse(f"{name} is not set. See docs/guides/configuration.md.")
    return value


def flag(name: str, default: bool = False) -> bool:
    value = os.environ.get(name)
    if value is None:
        return default
    if value.lower() in {"1", "true", "yes", "on"}:
        return True
    if value.lower() in {"0", "false", "no", "off", ""}:
        return False
    refuse(f"{name}={value!r} is neither true nor false.")


def number(name: str, default: int) -> int:
    value = os.environ.get(name)
    if value is None:
        return default
    try:
        return int(value)
    except ValueError:
        refuse(f"{name}={value!r} is not a whole number.")


def words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def objects(name: str) -> dict[str, dict[str, Any]]:
    """A JSON object of objects, e.g. {"fedex": {"api_key": "..."}}; empty when it is not set."""
    try:
        value = json.loads(os.environ.get(name) or "{}")
    except ValueError:
        refuse(f"{name} is not JSON.")
    if not isinstance(value, dict) or not all(isinstance(part, dict) for part in value.values()):
        refuse(f"{name} must be a JSON object of objects.")
    return value


def secret(name: str, *, strict: bool) -> str:
    """A secret of at least 50 characters. When `strict`, a missing or weak one stops the start."""
    value = os.environ.get(name, "")
    if strict:
        if value.lower() in WEAK_SECRETS:
            refuse(f"{name} is missing. Make one with: python -c 'import secrets; print(secrets.token_urlsafe(48))'")
        if len(value) < MIN_SECRET_LENGTH or len(set(value)) < 12:
            refuse(f"{name} is too weak: at least {MIN_SECRET_LENGTH} random characters are needed.")
    return value or f"local-only-{name.lower()}-not-for-production-000000000000"


def database(url: str, *, name: str) -> dict[str, Any]:
    """A Django DATABASES entry from postgresql://user:password@host:port/name?option=value."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        refuse(f"{name} must look like postgresql://user:password@host:5432/name.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": dict(parse_qsl(parts.query)),
    }


def data_directory(base: Path) -> Path:
    """Where the one-machine default keeps everything it makes."""
    return Path(os.environ.get("LONJA_DATA", base / ".data"))
