"""Pure rules of escrow: commission, splits, inspection clocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.money import Money, sum_money
from payments.contracts import DeliveryKind, EscrowLine, EscrowRequest, EscrowSumMismatch, LineKind

DEFAULT_CATEGORY = ""
DEFAULT_BASIS_POINTS = 800
SHIPPING_REF = "shipping"
EXTENSION = timedelta(days=5)

#: Rows of EscrowClockPolicy, in days. DECISION_DUE: a dispute nobody decided ends for the buyer (the domain notes, 7.3;
#: Sharetribe). PAUSE_ENDS: a return that never ends. WARN_*: letters before money is released by itself.
DEFAULT_CLOCK_DAYS: dict[str, int] = {"DECISION_DUE": 14, "PAUSE_ENDS": 30, "WARN_FIRST": 3, "WARN_SECOND": 1}

#: Days from delivery until the money goes to the seller (the domain notes; rows of InspectionPolicy).
DEFAULT_INSPECTION_DAYS: dict[DeliveryKind, int] = {
    DeliveryKind.DIGITAL: 1,
    DeliveryKind.VIRTUAL: 3,
    DeliveryKind.EXPRESS: 10,
    DeliveryKind.POST: 30,
}


@dataclass(frozen=True, slots=True)
class ClockPolicy:
    """Days until the money goes to the seller, by how the goods arrive, and the days of the other clocks."""

    inspection: Mapping[DeliveryKind, int]
    days: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class CommissionRate:
    """How a category is charged: basis points of the price (or of the tier it reaches) and `per_unit` for each piece.

    From the default rate alone: `fixed` once per order and `vat_basis_points` on top of the fee.
    """

    basis_points: int
    fixed: Money | None = None
    per_unit: Money | None = None
    tiers: tuple[tuple[int, int], ...] = ()
    tier_currency: str = ""
    vat_basis_points: int = 0

    def basis_points_for(self, price: Money) -> int:
        """The rate of the highest tier the price reaches; exactly on a tier counts as reached."""
        if price.currency != self.tier_currency:
            return self.basis_points
        reached = [tier for tier in self.tiers if price.minor >= tier[0]]
        return max(reached)[1] if reached else self.basis_points


@dataclass(frozen=True, slots=True)
class Line:
    """A line as frozen at the sale, in minor units. `fee` is what a full release takes, `vat` the tax within it."""

    ref: str
    kind: str
    category: str
    quantity: int
    amount: int
    tax: int
    fee: int
    vat: int


@dataclass(frozen=True, slots=True)
class Position:
    """Where the money of a line is, in minor units."""

    line: Line
    released: int = 0
    refunded: int = 0
    disputed: int = 0
    charged_back: int = 0

    @property
    def free(self) -> int:
        """What may be released or refunded now."""
        return self.line.amount - self.released - self.refunded - self.disputed - self.charged_back

    @property
    def fee_taken(self) -> int:
        """Commission with VAT on what was released: rounded on the running total, so that the last cent fits."""
        return portion_of(self.line.fee, self.released, self.line.amount)

    @property
    def vat_taken(self) -> int:
        return portion_of(self.line.vat, self.fee_taken, self.line.fee)

    def after(self, *, released: int = 0, refunded: int = 0, disputed: int = 0, charged_back: int = 0) -> Position:
        return Position(
            self.line, self.released + released, self.refunded + refunded, self.disputed + disputed,
            self.charged_back + charged_back,
        )  # fmt: skip


def portion_of(whole: int, part: int, total: int) -> int:
    """`whole` * `part` / `total`, half up. Running totals of it never lose or win a cent."""
    return (2 * whole * part + total) // (2 * total) if total else 0


def spread(amount: int, weights: Sequence[int]) -> list[int]:
    """`amount` over places that hold `weights`, largest remainder; no place gives more than it holds."""
    if not amount:
        return [0] * len(weights)
    return [part.minor for part in Money(amount, "EUR").allocate(weights)]


def lines_of(request: EscrowRequest) -> tuple[EscrowLine, ...]:
    """The request's lines, or those its goods and shipping stand for."""
    if request.lines:
        return request.lines
    goods = tuple(
        EscrowLine(ref=str(number), amount=price, category=category)
        for number, (category, price) in enumerate(request.goods, start=1)
    )
    if request.shipping is None or (not request.shipping and goods):
        return goods
    return (*goods, EscrowLine(ref=SHIPPING_REF, amount=request.shipping, kind=LineKind.SHIPPING))


def freeze_lines(request: EscrowRequest, rates: Mapping[str, CommissionRate]) -> list[Line]:
    """The lines with the commission that a full release takes: per line half up, and never more than the line.

    The fixed part of an order is shared by its goods in proportion to their price (largest remainder).
    """
    default = rates.get(DEFAULT_CATEGORY, CommissionRate(DEFAULT_BASIS_POINTS))
    lines = lines_of(request)
    goods = [line.amount.minor if line.kind is LineKind.GOODS else 0 for line in lines]
    fixed = default.fixed.minor if default.fixed and default.fixed.currency == request.amount.currency else 0
    shares = spread(fixed if sum(goods) else 0, goods)
    return [_frozen(line, rates.get(line.category, default), share, default.vat_basis_points)
            for line, share in zip(lines, shares, strict=True)]  # fmt: skip


def _frozen(line: EscrowLine, rate: CommissionRate, fixed: int, vat_basis_points: int) -> Line:
    fee = vat = 0
    if line.kind is LineKind.GOODS:
        net = line.amount.portion(rate.basis_points_for(line.amount)).minor + fixed
        if rate.per_unit is not None and rate.per_unit.currency == line.amount.currency:
            net += rate.per_unit.minor * line.quantity
        fee = min(net + portion_of(net, vat_basis_points, 10_000), line.amount.minor)
        vat = portion_of(fee, vat_basis_points, 10_000 + vat_basis_points)
    return Line(
        ref=line.ref, kind=line.kind.value, category=line.category, quantity=line.quantity, amount=line.amount.minor,
        tax=line.tax.minor if line.tax else 0, fee=fee, vat=vat,
    )  # fmt: skip


def check_request(request: EscrowRequest) -> None:
    """Raises EscrowSumMismatch when lines are not the amount, stand twice, or anything is negative or nothing."""
    currency, lines = request.amount.currency, lines_of(request)
    parts = [line.amount for line in lines]
    if request.amount.minor <= 0 or any(part.currency != currency or part.is_negative for part in parts):
        raise EscrowSumMismatch()
    if any(line.quantity < 1 or (line.tax and not Money.zero(currency) <= line.tax <= line.amount) for line in lines):
        raise EscrowSumMismatch("A line has no pieces, or more tax than price.")
    added = request.contribution
    if added is not None and (added.currency != currency or added.is_negative or request.milestone_of is not None):
        raise EscrowSumMismatch("A contribution is in the order's currency, and not for milestones.")
    if sum_money(parts, currency) != request.amount or len({line.ref for line in lines}) != len(lines):
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


def contribution_due(*, contribution: int, amount: int, released: int, claimed: int) -> int:
    """What of the platform's part the seller should have (minor units): as much of it as they have of what was paid.

    On running totals, half up: with the last release it is all of it, with the last refund nothing.
    """
    return portion_of(contribution, max(released - claimed, 0), amount)


def release_due(delivered_at: datetime, days: int) -> datetime:
    return delivered_at + timedelta(days=days)


def resumed_due(*, due_at: datetime, frozen_at: datetime, now: datetime) -> datetime:
    """A clock that stood still while frozen: what was left then is left now."""
    return now + max(due_at - frozen_at, timedelta(0))
