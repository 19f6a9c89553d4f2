"""Who pays what: released money nets debt first, then fills the reserve; a claim empties payable, reserve, then debt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.money import Money
from payments.ledger.rules import AccountCode, Leg


@dataclass(frozen=True, slots=True)
class SellerPosition:
    """A seller's balances in one currency (minor units, all positive) and the reserve policy that holds for them."""

    seller: str
    currency: str
    payable: int
    reserve: int
    debt: int
    basis_points: int
    days: int
    debt_limit: int | None

    def after(self, credit: Credit) -> SellerPosition:
        """The balances once a credit has been posted."""
        return replace(
            self, payable=self.payable + credit.payable, reserve=self.reserve + credit.reserve,
            debt=self.debt - credit.debt,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Credit:
    """Money for a seller, divided: `debt` is netted, `reserve` kept until `release_at`, the rest is available."""

    seller: str
    currency: str
    debt: int
    reserve: int
    payable: int
    release_at: datetime | None

    @property
    def legs(self) -> list[Leg]:
        return [
            Leg(AccountCode.SELLER_DEBT, self.seller, Money(-self.debt, self.currency)),
            Leg(AccountCode.SELLER_RESERVE, self.seller, Money(-self.reserve, self.currency)),
            Leg(AccountCode.SELLER_PAYABLE, self.seller, Money(-self.payable, self.currency)),
        ]


@dataclass(frozen=True, slots=True)
class Claim:
    """Money taken from a seller by the waterfall; `loss` is the platform's, beyond the limit of the debt."""

    seller: str
    currency: str
    payable: int
    reserve: int
    debt: int
    loss: int

    @property
    def from_seller(self) -> int:
        return self.payable + self.reserve + self.debt

    @property
    def legs(self) -> list[Leg]:
        return [
            Leg(AccountCode.SELLER_PAYABLE, self.seller, Money(self.payable, self.currency)),
            Leg(AccountCode.SELLER_RESERVE, self.seller, Money(self.reserve, self.currency)),
            Leg(AccountCode.SELLER_DEBT, self.seller, Money(self.debt, self.currency)),
            Leg(AccountCode.PLATFORM_LOSS, "", Money(self.loss, self.currency)),
        ]


def divide_credit(position: SellerPosition, amount: int, *, now: datetime, reserved: bool = True) -> Credit:
    """Debt first, then the policy's part of the rest into the reserve (half up), the remainder is available."""
    debt = min(position.debt, amount)
    rest = amount - debt
    reserve = Money(rest, position.currency).portion(position.basis_points).minor if reserved else 0
    until = now + timedelta(days=position.days) if reserve else None
    return Credit(position.seller, position.currency, debt, reserve, rest - reserve, until)


def divide_claim(position: SellerPosition, amount: int, *, with_debt: bool = True) -> Claim:
    """Available money, then the reserve, then debt up to its limit, then the platform. Without debt: what is there."""
    payable = min(position.payable, amount)
    reserve = min(position.reserve, amount - payable)
    rest = amount - payable - reserve
    if not with_debt:
        return Claim(position.seller, position.currency, payable, reserve, 0, 0)
    room = rest if position.debt_limit is None else max(position.debt_limit - position.debt, 0)
    debt = min(rest, room)
    return Claim(position.seller, position.currency, payable, reserve, debt, rest - debt)
