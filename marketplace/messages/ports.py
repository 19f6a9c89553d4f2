"""Ports of messages: who translates. Nobody does until somebody is plugged in, and then no page offers it."""

from __future__ import annotations

from marketplace.contracts import Translator


class NoTranslator:
    """Translates nothing."""

    is_available = False

    def translate(self, text: str, *, to: str) -> str | None:
        return None


_translator: Translator = NoTranslator()


def plug_translator(translator: Translator) -> None:
    """Called by config.wiring of an installation that has one."""
    global _translator
    _translator = translator


def translator() -> Translator:
    return _translator
