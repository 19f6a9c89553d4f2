"""Pure rules of codes: when one applies, what it takes off, and how that is spread over lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

from django.utils.translation import gettext as _

from core.errors import InvalidInput
from core.money import Money
from marketplace.contracts import PromotionInput

MAX_SHARE_BP: Final = 9_000
"""A code never takes off more than nine tenths of the goods: something is left to be paid and held."""


class PromotionKind(StrEnum):
    PERCENT = "PERCENT"
    FIXED = "FIXED"
    FREE_SHIPPING = "FREE_SHIPPING"


def plain_code(text: str) -> str:
    """A code as it is kept and compared."""
    return text.strip().upper()


def checked_promotion(promotion: PromotionInput, *, currency: str, now: datetime) -> PromotionInput:
    """Raises InvalidInput naming the field."""
    if not re.fullmatch(r"[A-Z0-9][A-Z0-9-]{2,29}", plain_code(promotion.code)):
        raise InvalidInput("This code is not usable.", field="code", remedy="3 to 30 letters, digits and hyphens.")
    if promotion.kind not in set(PromotionKind):
        raise InvalidInput("Unknown kind.", field="kind", remedy=", ".join(PromotionKind))
    if promotion.kind == PromotionKind.PERCENT and not 1 <= promotion.percent <= MAX_SHARE_BP // 100:
        between = {"low": 1, "high": MAX_SHARE_BP // 100}
        raise InvalidInput(
            "This number is out of range.", field="percent", remedy=_("Between %(low)s and %(high)s.") % between
        )
    for field, amount in (("amount", promotion.amount), ("min_basket", promotion.min_basket)):
        if amount is not None and (amount.currency != currency or amount.minor < 0):
            above = _("Above zero, in %(currency)s.") % {"currency": currency}
            raise InvalidInput("This amount is not usable.", field=field, remedy=above)
    if promotion.kind == PromotionKind.FIXED and not promotion.amount:
        raise InvalidInput("An amount is needed.", field="amount", remedy="Say what the code takes off.")
    if promotion.ends_at is not None and promotion.ends_at <= max(now, promotion.starts_at or now):
        raise InvalidInput("It ends before it begins.", field="ends_at", remedy="Choose a later day.")
    for field in ("limit_total", "limit_per_buyer"):
        limit = getattr(promotion, field)
        if limit is not None and not 1 <= limit <= 1_000_000:
            raise InvalidInput(
                "This number is out of range.", field=field,
                remedy=_("Between %(low)s and %(high)s.") % {"low": 1, "high": 1_000_000},
            )  # fmt: skip
    return promotion


def taken_off(*, kind: str, percent: int, amount: Money | None, goods: Money) -> Money:
    """What a code takes off goods, rounded half up, at most nine tenths of them."""
    most = goods.portion(MAX_SHARE_BP)
    if kind == PromotionKind.PERCENT:
        return min(goods.portion(percent * 100), most)
    if kind == PromotionKind.FIXED and amount is not None:
        return min(amount, most)
    return Money.zero(goods.currency)


def spread(discount: Money, totals: Sequence[Money]) -> tuple[Money, ...]:
    """The discount by lines, in proportion to what they cost, exact to the cent (largest remainder)."""
    return discount.allocate([total.minor for total in totals])
