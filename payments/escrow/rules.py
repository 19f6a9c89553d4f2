"""Pure rules of escrow: commission, splits, inspection clocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.money import Money, sum_money
from payments.contracts import DeliveryKind, EscrowRequest, EscrowSumMismatch

DEFAULT_CATEGORY = ""
DEFAULT_BASIS_POINTS = 800
EXTENSION = timedelta(days=5)

#: Days from delivery until the money goes to the seller (the domain notes; rows of InspectionPolicy).
DEFAULT_INSPECTION_DAYS: dict[DeliveryKind, int] = {
    DeliveryKind.DIGITAL: 1,
    DeliveryKind.VIRTUAL: 3,
    DeliveryKind.EXPRESS: 10,
    DeliveryKind.POST: 30,
}


@dataclass(frozen=True, slots=True)
class CommissionRate:
    """Basis points of the goods' price in a category; `fixed` once per order (from the default rate)."""

    basis_points: int
    fixed: Money | None = None


def quote_commission(request: EscrowRequest, rates: Mapping[str, CommissionRate]) -> Money:
    """The fee of a full release. Per line half up; never more than the amount held."""
    default = rates.get(DEFAULT_CATEGORY, CommissionRate(DEFAULT_BASIS_POINTS))
    fees = [price.portion(rates.get(category, default).basis_points) for category, price in request.goods]
    fee = sum_money(fees, request.amount.currency)
    if default.fixed is not None and default.fixed.currency == request.amount.currency:
        fee = fee + default.fixed
    return min(fee, request.amount)


def check_request(request: EscrowRequest) -> None:
    """Raises EscrowSumMismatch when goods and shipping are not the amount, or anything is negative or nothing."""
    currency = request.amount.currency
    parts = [*(price for _, price in request.goods), request.shipping]
    if request.amount.minor <= 0 or any(part.currency != currency or part.is_negative for part in parts):
        raise EscrowSumMismatch()
    if sum_money(parts, currency) != request.amount:
        raise EscrowSumMismatch()


def check_sum(amount: Money, requests: Sequence[EscrowRequest]) -> None:
    """Raises EscrowSumMismatch when the orders are not the whole payment."""
    for request in requests:
        check_request(request)
    if not requests or any(request.amount.currency != amount.currency for request in requests):
        raise EscrowSumMismatch()
    if sum_money((request.amount for request in requests), amount.currency) != amount:
        raise EscrowSumMismatch()
    if len({request.order_id for request in requests}) != len(requests):
        raise EscrowSumMismatch("An order stands twice in the payment.")


def fee_on(released: Money, *, amount: Money, fee_quoted: Money) -> Money:
    """The part of the frozen fee that belongs to the released part (largest remainder, so it never exceeds it)."""
    if released == amount:
        return fee_quoted
    rest = amount - released
    return fee_quoted.allocate([released.minor, rest.minor])[0]


def release_due(delivered_at: datetime, days: int) -> datetime:
    return delivered_at + timedelta(days=days)


def resumed_due(*, due_at: datetime, frozen_at: datetime, now: datetime) -> datetime:
    """A clock that stood still while frozen: what was left then is left now."""
    return now + max(due_at - frozen_at, timedelta(0))
