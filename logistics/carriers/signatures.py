"""Webhook signatures: HMAC-SHA256 over timestamp and raw body. Pure."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

MAX_AGE_SECONDS = 300
SIGNATURE_HEADER = "X-Carrier-Signature"
TIMESTAMP_HEADER = "X-Carrier-Timestamp"


def sign(*, secret: str, carrier_code: str, timestamp: str, body: bytes) -> str:
    """Hex signature of a message of that carrier; each carrier has its own key derived from `secret`."""
    key = hmac.new(secret.encode(), f"carrier:{carrier_code}".encode(), hashlib.sha256).digest()
    return hmac.new(key, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def is_genuine(*, secret: str, carrier_code: str, timestamp: str, body: bytes, signature: str, now: datetime) -> bool:
    """True when the signature fits and the timestamp is at most five minutes away from `now`, either way."""
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        return False
    if abs(int(now.timestamp()) - int(timestamp)) > MAX_AGE_SECONDS:
        return False
    expected = sign(secret=secret, carrier_code=carrier_code, timestamp=timestamp, body=body)
    return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace"))
