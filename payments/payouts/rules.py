"""Bank accounts: checked and masked. When a payout is due, and what an instant one costs."""

from __future__ import annotations

from datetime import datetime, timedelta

from stdnum import iban as stdnum_iban
from stdnum.exceptions import ValidationError

from core.money import Money
from payments.contracts import InvalidIban, PayoutFrequency


def normalise_iban(text: str) -> str:
    """The compact IBAN (ISO 13616; check digits and national structure). Raises InvalidIban."""
    try:
        return str(stdnum_iban.validate(text))
    except ValidationError:
        raise InvalidIban(field="iban") from None


def mask_iban(iban: str) -> str:
    """Country and the last four: ES•• •••• 1332."""
    return f"{iban[:2]}•• •••• {iban[-4:]}"


def next_run(frequency: PayoutFrequency, *, after: datetime, weekday: int = 0, month_day: int = 1) -> datetime | None:
    """The first moment later than `after` on which money is sent by itself; None when only on request.

    Days start at midnight in the zone of `after`. IMMEDIATE: `after` itself. `weekday` 0 is Monday.
    """
    if frequency is PayoutFrequency.MANUAL:
        return None
    if frequency is PayoutFrequency.IMMEDIATE:
        return after
    tomorrow = after.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    if frequency is PayoutFrequency.DAILY:
        return tomorrow
    if frequency is PayoutFrequency.WEEKLY:
        return tomorrow + timedelta(days=(weekday - tomorrow.weekday()) % 7)
    if tomorrow.day <= month_day:
        return tomorrow.replace(day=month_day)
    year, month = (tomorrow.year + 1, 1) if tomorrow.month == 12 else (tomorrow.year, tomorrow.month + 1)
    return tomorrow.replace(year=year, month=month, day=month_day)


def instant_fee(amount: Money, *, basis_points: int, minimum_minor: int) -> Money:
    """Basis points of the amount, half up, at least the minimum, never more than the amount."""
    fee = max(amount.portion(basis_points), Money(minimum_minor, amount.currency))
    return min(fee, amount)
