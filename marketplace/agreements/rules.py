"""Bounds of agreements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from core.errors import InvalidInput
from marketplace.contracts import AgreementStepInput

MAX_TEXT: Final = 4000
MAX_STEPS: Final = 6
MAX_OPEN_REQUESTS: Final = 50


def checked_text(text: str, field: str) -> str:
    """Raises InvalidInput when it is empty or too long."""
    words = text.strip()
    if not words:
        raise InvalidInput("Write something.", field=field)
    if len(words) > MAX_TEXT:
        raise InvalidInput("The text is too long.", field=field)
    return words


def check_steps(steps: Sequence[AgreementStepInput], currency: str) -> None:
    """Raises InvalidInput: none or too many, a nameless one, nothing to pay, another currency."""
    if not 1 <= len(steps) <= MAX_STEPS:
        raise InvalidInput("A payment plan has one to six steps.", field="steps")
    if any(not step.name.strip() or len(step.name) > 120 for step in steps):
        raise InvalidInput("Every step needs a name.", field="steps")
    if any(step.amount.minor <= 0 or step.amount.currency != currency for step in steps):
        raise InvalidInput("Every step needs an amount in the currency of the listing.", field="steps")
