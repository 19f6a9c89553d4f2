"""Webhook signatures: HMAC-SHA256 over the timestamp and the raw body; older than five minutes is refused."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

from django.conf import settings

from payments.contracts import InvalidSignature

HEADER = "Lonja-Sandbox-Signature"
TOLERANCE_SECONDS = 300


def derive_secret(provider: str) -> bytes:
    """The secret shared with a provider, one for each, from settings.WEBHOOK_SECRET."""
    return hmac.new(settings.WEBHOOK_SECRET.encode(), f"payments:{provider}".encode(), hashlib.sha256).digest()


def sign(body: bytes, *, provider: str, at: datetime) -> str:
    """The header's value: t=<unix seconds>,v1=<hex>."""
    moment = int(at.timestamp())
    return f"t={moment},v1={_digest(body, provider, moment)}"


def verify(body: bytes, header: str, *, provider: str, now: datetime) -> None:
    """Raises InvalidSignature when the header is malformed, too old, too new, or of another body."""
    try:
        parts = dict(item.split("=", 1) for item in header.split(","))
        moment, given = int(parts["t"]), parts["v1"]
    except (ValueError, KeyError):
        raise InvalidSignature() from None
    if abs(int(now.timestamp()) - moment) > TOLERANCE_SECONDS:
        raise InvalidSignature("The signature is too old.")
    if not hmac.compare_digest(given.encode(), _digest(body, provider, moment).encode()):
        raise InvalidSignature()


def _digest(body: bytes, provider: str, moment: int) -> str:
    return hmac.new(derive_secret(provider), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
