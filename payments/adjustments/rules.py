"""Where an adjustment's money comes from: the seller's own balances in their order, then debt."""

from __future__ import annotations

from core.money import Money
from payments.ledger.rules import AccountCode, Leg

#: Whose income a deduction is, and whose cost a credit is.
COUNTERPARTS = {
    "PENALTY": AccountCode.PENALTY_INCOME,
    "COMPENSATION": AccountCode.COMPENSATION,
    "CORRECTION": AccountCode.PENALTY_INCOME,
}


def waterfall(amount: Money, *, payable: Money, reserve: Money) -> tuple[Money, Money, Money]:
    """`amount` taken from what is payable, then the reserve; the rest is debt. The three add up to it."""
    first = min(amount, max(payable, Money.zero(amount.currency)))
    second = min(amount - first, max(reserve, Money.zero(amount.currency)))
    return first, second, amount - first - second


def pay_debt_first(amount: Money, *, debt: Money) -> tuple[Money, Money]:
    """(against the debt, to the payable balance): what a seller is given pays the debt first."""
    against = min(amount, max(debt, Money.zero(amount.currency)))
    return against, amount - against


def adjustment_legs(*, seller: str, kind: str, amount: Money, payable: Money, reserve: Money, debt: Money) -> list[Leg]:
    """The ledger's legs of an adjustment; a negative `amount` is taken from the seller."""
    counterpart = Leg(COUNTERPARTS[kind], "", amount)
    if amount.is_negative:
        from_payable, from_reserve, owed = waterfall(-amount, payable=payable, reserve=reserve)
        return [
            counterpart, Leg(AccountCode.SELLER_PAYABLE, seller, from_payable),
            Leg(AccountCode.SELLER_RESERVE, seller, from_reserve), Leg(AccountCode.SELLER_DEBT, seller, owed),
        ]  # fmt: skip
    against, rest = pay_debt_first(amount, debt=debt)
    return [
        counterpart, Leg(AccountCode.SELLER_DEBT, seller, -against), Leg(AccountCode.SELLER_PAYABLE, seller, -rest),
    ]  # fmt: skip
