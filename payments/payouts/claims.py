"""Taking from and giving to sellers outside of orders: payable, then reserve, then debt; and debt first on the way back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from core.money import Money
from payments.contracts import NotEnoughMoney
from payments.ledger import services as ledger
from payments.ledger.rules import AccountCode, Leg
from payments.ledger.selectors import balances_of_owner

TRIES = 5


def waterfall(amount: Money, *, payable: Money, reserve: Money) -> tuple[Money, Money, Money]:
    """`amount` taken from what is payable, then the reserve; the rest is debt. The three add up to it."""
    first = min(amount, max(payable, Money.zero(amount.currency)))
    second = min(amount - first, max(reserve, Money.zero(amount.currency)))
    return first, second, amount - first - second


def pay_debt_first(amount: Money, *, debt: Money) -> tuple[Money, Money]:
    """(against the debt, to the payable balance): what a seller is given pays the debt first."""
    against = min(amount, max(debt, Money.zero(amount.currency)))
    return against, amount - against


def seller_legs(seller: str, amount: Money, *, payable: Money, reserve: Money, debt: Money) -> list[Leg]:
    """The seller's side; a negative `amount` is taken. The legs add up to minus `amount`."""
    if amount.is_negative:
        from_payable, from_reserve, owed = waterfall(-amount, payable=payable, reserve=reserve)
        return [
            Leg(AccountCode.SELLER_PAYABLE, seller, from_payable), Leg(AccountCode.SELLER_RESERVE, seller, from_reserve),
            Leg(AccountCode.SELLER_DEBT, seller, owed),
        ]  # fmt: skip
    against, rest = pay_debt_first(amount, debt=debt)
    return [Leg(AccountCode.SELLER_DEBT, seller, -against), Leg(AccountCode.SELLER_PAYABLE, seller, -rest)]


def post_against_seller(
    *, seller_id: UUID, amount: Money, counterpart: Leg, scope: str, key: str, kind: str, ref: str, now: datetime
) -> int:
    """One ledger transaction: `amount` to the seller (negative: from the seller), `counterpart` on the other side.

    A payout in the same moment may take the balance first: then it looks again. Returns the transaction's id.
    """
    seller, currency = str(seller_id), amount.currency
    for attempt in range(1, TRIES + 1):
        booked, zero = balances_of_owner(seller), Money.zero(currency)
        legs = seller_legs(
            seller, amount,
            payable=-booked.get((AccountCode.SELLER_PAYABLE, currency), zero),
            reserve=-booked.get((AccountCode.SELLER_RESERVE, currency), zero),
            debt=booked.get((AccountCode.SELLER_DEBT, currency), zero),
        )  # fmt: skip
        try:
            with transaction.atomic():
                return ledger.post(
                    scope=scope, key=key, kind=kind, ref=ref, legs=[counterpart, *legs], now=now
                ).txn_id  # fmt: skip
        except NotEnoughMoney:
            if attempt == TRIES:
                raise
    raise NotEnoughMoney()
