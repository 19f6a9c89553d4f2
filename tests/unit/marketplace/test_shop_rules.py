"""What a shop has earned, and the bounds of its page."""

from dataclasses import replace
from datetime import date

import pytest

from core.errors import InvalidInput
from marketplace.contracts import AwayMode, ShopInput
from marketplace.shops.rules import Badge, badges_of, check_shop

TODAY = date(2026, 3, 2)
SHOP = ShopInput("CLASSIC", away_mode=AwayMode.CLOSED, away_until=date(2026, 3, 20))


def earned(**changes):
    facts = {"rating_hundredths": 0, "rating_count": 0, "orders_count": 5, "promise_kept_bp": None, "reply_share": None}
    return badges_of(**(facts | changes))


def test_badges_need_enough_cases():
    assert earned() == ()
    assert earned(orders_count=4) == (Badge.NEW_SHOP,)
    assert earned(rating_hundredths=480, rating_count=9) == ()
    assert earned(rating_hundredths=480, rating_count=10, promise_kept_bp=9500, reply_share=95) == (
        Badge.TOP_RATED, Badge.KEEPS_PROMISES, Badge.FAST_ANSWERS,
    )  # fmt: skip
    assert earned(rating_hundredths=479, rating_count=99, promise_kept_bp=9499, reply_share=94) == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"design": "PINK"}, {"tagline": "x" * 121}, {"away_note": "x" * 201}, {"away_until": TODAY},
        {"away_until": date(2026, 7, 1)}, {"away_mode": AwayMode.LONGER, "away_days": 0},
        {"away_mode": AwayMode.LONGER, "away_days": 31},
    ],
)  # fmt: skip
def test_bad_pages_are_refused(changes):
    check_shop(SHOP, today=TODAY)
    with pytest.raises(InvalidInput):
        check_shop(replace(SHOP, **changes), today=TODAY)
