"""What a saved method looks like to a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

MAX_LABEL = 60
BRANDS = {
    "visa": "Visa", "mastercard": "Mastercard", "amex": "American Express", "discover": "Discover", "jcb": "JCB",
    "diners": "Diners Club", "unionpay": "UnionPay", "sepa_debit": "SEPA", "link": "Link", "paypal": "PayPal",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SavedMethodView:
    """A kept payment method; the token stays inside. `expired`: its last month is over."""

    method_id: UUID
    brand: str
    last4: str
    exp_month: int | None
    exp_year: int | None
    label: str
    is_default: bool
    expired: bool
    kept_at: datetime
    last_used_at: datetime | None

    @property
    def name(self) -> str:
        """What people call it: their own word, else brand and last digits."""
        return self.label or f"{self.brand} •••• {self.last4}".rstrip(" •")


def brand_name(code: str) -> str:
    """The network's name as it is printed on cards."""
    return BRANDS.get(code, code.replace("_", " ").title())


def has_expired(exp_month: int | None, exp_year: int | None, now: datetime) -> bool:
    """A card is good until the end of its month; what has no month does not expire."""
    return bool(exp_month and exp_year) and (exp_year, exp_month) < (now.year, now.month)
