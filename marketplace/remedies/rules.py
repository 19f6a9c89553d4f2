"""What a broken promise gives back, and when a remedy that had to wait is tried again. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from core.money import Money

BASIS_POINTS: Final = 10_000
FIRST_WAIT: Final = timedelta(hours=1)
LONGEST_WAIT: Final = timedelta(days=2)
GIVE_UP_AFTER: Final = timedelta(days=180)
"""A remedy still in the way of a dispute after so long is closed: that money was decided about otherwise."""


def remedy_amount(*, shipping: Money, share_bps: int) -> Money:
    """`share_bps` of what was paid for shipping, rounded half up; never more than that."""
    share = min(max(share_bps, 0), BASIS_POINTS)
    return Money((shipping.minor * share * 2 + BASIS_POINTS) // (2 * BASIS_POINTS), shipping.currency)


def next_try(*, attempts: int, now: datetime) -> datetime:
    """Doubling from an hour to two days."""
    return now + min(FIRST_WAIT * (1 << min(attempts, 10)), LONGEST_WAIT)


def bears_it(liable: str) -> str:
    """SELLER when the hand-over was too late; for everything else the platform, who claims it from the carrier."""
    return "SELLER" if liable == "SELLER" else "PLATFORM"
