"""Cards the sandbox network keeps: a token for a test card, until it is forgotten."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from payments.providers.cards import TestCard, find_by_token
from payments.providers.models import SandboxMethod
from payments.providers.port import KEPT, KeptMethod

EXPIRES = (12, 2040)


def keep(card: TestCard, *, now: datetime) -> SandboxMethod:
    """A new token for the card."""
    return SandboxMethod.objects.create(card=card.token, created_at=now)


def find_card(token: str) -> TestCard | None:
    """The test card behind a token, kept or typed; None when unknown or forgotten."""
    if not token.startswith(KEPT):
        return find_by_token(token)
    row = _kept(token).first()
    return None if row is None else find_by_token(row.card)


def forget(token: str, *, now: datetime) -> None:
    """The token is good for nothing any more."""
    _kept(token).update(forgotten_at=now)


def describe(row: SandboxMethod | None) -> KeptMethod | None:
    """The method as the merchant is told of it."""
    card = find_by_token(row.card) if row is not None else None
    if row is None or card is None:
        return None
    return KeptMethod(f"{KEPT}{row.id}", card.token, "visa", card.number[-4:], *EXPIRES)


def told(row: SandboxMethod | None) -> dict[str, Any]:
    """What a notice says of a kept method."""
    method = describe(row)
    return {} if method is None else {"method": asdict(method)}


def _kept(token: str) -> QuerySet[SandboxMethod]:
    try:
        return SandboxMethod.objects.filter(id=UUID(token.removeprefix(KEPT)), forgotten_at=None)
    except ValueError:
        return SandboxMethod.objects.none()
