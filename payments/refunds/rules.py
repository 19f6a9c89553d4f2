"""What can be refunded of a line, from where it comes, and how much commission goes back with it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.money import Money
from payments.contracts import LineKind, RefundTooLarge, UnknownLine
from payments.escrow.rules import Position, portion_of, spread


@dataclass(frozen=True, slots=True)
class Refundable:
    """A line with what was already claimed after its release (minor units)."""

    position: Position
    claimed: int = 0

    @property
    def held(self) -> int:
        return max(self.position.free, 0)

    @property
    def left(self) -> int:
        """What was paid for it and is not back with the buyer."""
        return self.held + self.position.released - self.claimed

    def fee_back(self, claim: int, basis_points: int) -> int:
        """Commission (with VAT) that goes back with a claim; on the running total, so that no cent is lost."""
        before, after = self._fee_returned(self.claimed, basis_points), self._fee_returned(
            self.claimed + claim, basis_points
        )  # fmt: skip
        return max(after - before, 0)

    def vat_back(self, claim: int, basis_points: int) -> int:
        """The VAT within `fee_back`."""
        fee, vat = self.position.fee_taken, self.position.vat_taken
        before, after = (
            portion_of(vat, self._fee_returned(claimed, basis_points), fee)
            for claimed in (self.claimed, self.claimed + claim)
        )
        return min(max(after - before, 0), self.fee_back(claim, basis_points))

    def _fee_returned(self, claimed: int, basis_points: int) -> int:
        whole = portion_of(self.position.fee_taken, claimed, self.position.released)
        return portion_of(whole, basis_points, 10_000)


@dataclass(frozen=True, slots=True)
class Part:
    """What one refund takes of a line."""

    from_escrow: int
    claim: int
    fee_back: int
    vat_back: int

    @property
    def amount(self) -> int:
        return self.from_escrow + self.claim


def wanted_parts(
    lines: Mapping[str, Refundable], *, refs: Mapping[str, Money | None] | None, amount: Money | None, shipping: bool,
    currency: str,
) -> dict[str, int]:  # fmt: skip
    """Minor units by line of what is asked for: lines (whole or an amount of each), shipping, an amount over all lines,
    or everything that is left. Raises UnknownLine, RefundTooLarge (more than is left, nothing, another currency).
    """
    left = {ref: line.left for ref, line in lines.items()}
    if refs is None and not shipping:
        wanted = left if amount is None else _spread(left, amount, currency)
    else:
        wanted = {ref: _of_line(left, ref, part, currency) for ref, part in (refs or {}).items()}
        if shipping:
            wanted |= {
                ref: left[ref] for ref, line in lines.items() if line.position.line.kind == LineKind.SHIPPING.value
            }
    wanted = {ref: part for ref, part in wanted.items() if part}
    if not wanted:
        raise RefundTooLarge("There is nothing left to refund.")
    return wanted


def _of_line(left: Mapping[str, int], ref: str, part: Money | None, currency: str) -> int:
    if ref not in left:
        raise UnknownLine()
    if part is None:
        return left[ref]
    if part.currency != currency or not 0 < part.minor <= left[ref]:
        raise RefundTooLarge(field=ref)
    return part.minor


def _spread(left: Mapping[str, int], amount: Money, currency: str) -> dict[str, int]:
    if amount.currency != currency or not 0 < amount.minor <= sum(left.values()):
        raise RefundTooLarge(field="amount")
    return dict(zip(left, spread(amount.minor, list(left.values())), strict=True))


def divide(line: Refundable, amount: int, basis_points: int) -> Part:
    """Held money first; the rest is a claim against the seller, with the commission the policy gives back."""
    from_escrow = min(amount, line.held)
    claim = amount - from_escrow
    if not claim:
        return Part(from_escrow, 0, 0, 0)
    return Part(from_escrow, claim, line.fee_back(claim, basis_points), line.vat_back(claim, basis_points))


def request_hash(
    *, order_id: str, refs: Mapping[str, Money | None] | None, amount: Money | None, shipping: bool
) -> bytes:
    """What makes two requests under one key the same."""
    lines: Sequence[object] | None = None if refs is None else sorted([ref, str(part)] for ref, part in refs.items())
    return hashlib.sha256(json.dumps([order_id, lines, str(amount), shipping]).encode()).digest()
