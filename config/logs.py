"""Structured logs without secrets, card data or personal data."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any

import structlog

#: Keys whose values never reach a log line.
SECRET_KEYS = re.compile(r"(password|secret|token|authorization|cookie|card|cvc|cvv|iban|pan|signature|api_key)", re.I)
#: Digit runs that may be a card number; kept only in their last four.
CARD_NUMBER = re.compile(r"\b(?:\d[ -]?){9,15}(\d{4})\b")


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """structlog processor: masks secrets by key and card-like numbers by shape."""
    for key, value in event.items():
        if SECRET_KEYS.search(key):
            event[key] = "[redacted]"
        elif isinstance(value, str):
            event[key] = CARD_NUMBER.sub(r"[card …\1]", value)
    return event


_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    redact,
]


def configure_structlog(*, json_lines: bool) -> None:
    """Every log line, ours and the libraries', goes through the same processors."""
    renderer: Any = structlog.processors.JSONRenderer() if json_lines else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    LOGGING_CONFIGURATION["formatters"]["lines"] = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        "foreign_pre_chain": _SHARED,
    }


LOGGING_CONFIGURATION: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "celery.app.trace": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
        "fontTools": {"level": "ERROR"},
    },
}
