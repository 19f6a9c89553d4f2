"""Pure rules of shop pages: designs, bounds, holidays, and the badges a shop has earned."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from core.errors import InvalidInput
from marketplace.contracts import AwayMode, ShopInput

MAX_TAGLINE: Final = 120
MAX_NOTE: Final = 200
MAX_COLLECTIONS: Final = 20
MAX_IN_COLLECTION: Final = 60
MAX_FOLLOWED: Final = 500
MAX_AWAY_DAYS: Final = 30
LONGEST_HOLIDAY: Final = timedelta(days=120)
DIGEST_EVERY: Final = timedelta(days=1)
SHOWN_IN_DIGEST: Final = 8


class Design(StrEnum):
    """How the head of a shop page looks; all three are drawn from the house's tokens."""

    CLASSIC = "CLASSIC"
    MARKET = "MARKET"
    ATELIER = "ATELIER"


class Badge(StrEnum):
    TOP_RATED = "TOP_RATED"
    KEEPS_PROMISES = "KEEPS_PROMISES"
    FAST_ANSWERS = "FAST_ANSWERS"
    NEW_SHOP = "NEW_SHOP"


def badges_of(
    *,
    rating_hundredths: int,
    rating_count: int,
    orders_count: int,
    promise_kept_bp: int | None,
    reply_share: int | None,
) -> tuple[Badge, ...]:
    """What a shop has earned. Thresholds after Etsy's Star Seller; too few cases earn nothing."""
    earned = {
        Badge.TOP_RATED: rating_hundredths >= 480 and rating_count >= 10,
        Badge.KEEPS_PROMISES: promise_kept_bp is not None and promise_kept_bp >= 9500,
        Badge.FAST_ANSWERS: reply_share is not None and reply_share >= 95, Badge.NEW_SHOP: orders_count < 5,
    }  # fmt: skip
    return tuple(badge for badge in Badge if earned[badge])


def check_shop(shop: ShopInput, *, today: date) -> None:
    """Raises InvalidInput naming the field: design, tagline, away_mode, away_days, away_until, away_note."""
    if shop.design not in Design.__members__:
        raise InvalidInput("Choose one of the designs.", field="design")
    if len(shop.tagline) > MAX_TAGLINE:
        raise InvalidInput("The text is too long.", field="tagline")
    if len(shop.away_note) > MAX_NOTE:
        raise InvalidInput("The text is too long.", field="away_note")
    if shop.away_mode is AwayMode.LONGER and not 1 <= shop.away_days <= MAX_AWAY_DAYS:
        raise InvalidInput("This number is out of range.", field="away_days")
    if shop.away_mode is AwayMode.OPEN or shop.away_until is None:
        return
    if not today < shop.away_until <= today + LONGEST_HOLIDAY:
        raise InvalidInput("Choose a day within the next four months.", field="away_until")
