"""Signals on the wire and what makes one valid."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from core import signals
from core.signals import Signal

NAMES: Final = frozenset({
    signals.SEARCHED, signals.IMPRESSION, signals.CLICKED, signals.VIEWED, signals.ADDED_TO_CART,
    signals.CHECKOUT_STARTED,
})  # fmt: skip
ABOUT_A_LISTING: Final = frozenset({signals.IMPRESSION, signals.CLICKED, signals.VIEWED, signals.ADDED_TO_CART})
MAX_QUERY_TEXT: Final = 200
MAX_ANON_ID: Final = 64
MAX_POSITION: Final = 1_000_000
MAX_AHEAD: Final = timedelta(minutes=5)
MAX_AGE: Final = timedelta(days=90)
"""As long as raw signals are kept; an older one would be dropped at once."""

_IDS: Final = ("organisation_id", "listing_id", "seller_id", "query_id")


@dataclass(frozen=True, slots=True)
class Envelope:
    """A signal with the id that makes storing it twice harmless."""

    event_id: UUID
    signal: Signal


class Unreadable(ValueError):
    """A text on the queue is not a signal."""


def encode(envelope: Envelope) -> str:
    """The envelope as one line of JSON."""
    fields = {k: v for k, v in asdict(envelope.signal).items() if v not in (None, "")}
    fields["event_id"] = envelope.event_id
    return json.dumps(fields, default=lambda v: v.isoformat() if isinstance(v, datetime) else str(v))


def decode(text: str) -> Envelope:
    """The opposite of `encode`. Raises Unreadable."""
    try:
        fields: dict[str, Any] = json.loads(text)
        event_id = UUID(fields.pop("event_id"))
        fields["occurred_at"] = datetime.fromisoformat(fields["occurred_at"])
        for name in _IDS:
            if name in fields:
                fields[name] = UUID(fields[name])
        return Envelope(event_id, Signal(**fields))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Unreadable(f"{type(error).__name__}: {error}"[:200]) from error


def defect(signal: Signal, *, now: datetime) -> str:
    """Why a signal is refused; empty for a good one."""
    if signal.name not in NAMES:
        return "unknown name"
    if signal.occurred_at.tzinfo is None:
        return "no time zone"
    if signal.occurred_at > now + MAX_AHEAD:
        return "from the future"
    if signal.occurred_at < now - MAX_AGE:
        return "too old"
    if signal.name in ABOUT_A_LISTING and (signal.listing_id is None or signal.seller_id is None):
        return "names no listing or seller"
    if len(signal.anon_id) > MAX_ANON_ID or "\x00" in signal.anon_id or "\x00" in signal.query_text:
        return "text not storable"
    if signal.position is not None and not 0 <= signal.position <= MAX_POSITION:
        return "position out of range"
    return ""
