"""Who may send what back until when, who pays for the way, and what it gives back. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from core.errors import DomainError, NotFound
from marketplace.orders.rules import WITHDRAWAL_DAYS

FAULT_DAYS: Final = 60
"""Faults may be told this long after delivery; afterwards the legal guarantee goes by the seller."""
ANSWER_WITHIN: Final = timedelta(days=3)
SEND_WITHIN: Final = timedelta(days=14)
"""Directive 2011/83/EU, article 14: goods are sent back within 14 days."""
INSPECT_WITHIN: Final = timedelta(days=7)
TRY_AGAIN_AFTER: Final = timedelta(days=1)
MAX_PHOTOS: Final = 6


class ReturnReason(StrEnum):
    """Why goods go back. The first three are a change of mind, the others a fault the seller answers for."""

    CHANGED_MIND = "CHANGED_MIND"
    WRONG_SIZE = "WRONG_SIZE"
    ARRIVED_LATE = "ARRIVED_LATE"
    DAMAGED = "DAMAGED"
    DEFECTIVE = "DEFECTIVE"
    NOT_AS_DESCRIBED = "NOT_AS_DESCRIBED"
    WRONG_ITEM = "WRONG_ITEM"

    @property
    def is_fault(self) -> bool:
        return self in FAULTS


FAULTS: Final = frozenset({
    ReturnReason.DAMAGED, ReturnReason.DEFECTIVE, ReturnReason.NOT_AS_DESCRIBED, ReturnReason.WRONG_ITEM,
})  # fmt: skip


class ReturnWish(StrEnum):
    REFUND = "REFUND"
    EXCHANGE = "EXCHANGE"


class Disposition(StrEnum):
    """What becomes of goods that came back."""

    RESTOCK = "RESTOCK"
    SCRAP = "SCRAP"


class Payer(StrEnum):
    """Who pays for the way back."""

    BUYER = "BUYER"
    SELLER = "SELLER"


class FinalSale(StrEnum):
    """Lawful grounds on which there is no right to change one's mind; empty: there is one."""

    NONE = ""
    MADE_TO_ORDER = "MADE_TO_ORDER"
    PERISHABLE = "PERISHABLE"
    SEALED = "SEALED"


class ReturnNotFound(NotFound):
    """There is none, or it is not the caller's to see."""

    code = "return_not_found"
    message = "There is no such return."


class NotReturnable(DomainError):
    """The goods cannot be sent back (any more), or not now."""

    code = "not_returnable"
    message = "This cannot be sent back."


@dataclass(frozen=True, slots=True)
class Policy:
    """What a seller (or, with no seller, the house) grants for a category (empty: all) when a buyer changes their mind."""

    by_seller: bool
    category_code: str
    window_days: int
    buyer_pays: bool
    final_sale: FinalSale


@dataclass(frozen=True, slots=True)
class Entitlement:
    """Until when goods may go back, who pays for the way, and whether the seller is asked at all."""

    until: datetime
    payer: Payer
    is_automatic: bool


def choose_policy(policies: Iterable[Policy], category_codes: Sequence[str]) -> Policy:
    """The policy for goods of a category: the nearest category counts, of two for the same one the seller's.

    `category_codes`: the goods' category and those above it, nearest first.
    """
    order = {code: place for place, code in enumerate((*category_codes, ""))}
    fitting = [policy for policy in policies if policy.category_code in order]
    return min(fitting, key=lambda policy: (order[policy.category_code], not policy.by_seller))


def entitlement(*, policy: Policy, reason: ReturnReason, delivered_at: datetime, now: datetime) -> Entitlement:
    """The buyer's right as of `now`. No seller's window is shorter than the legal one. Raises NotReturnable."""
    if reason.is_fault:
        found = Entitlement(delivered_at + timedelta(days=FAULT_DAYS), Payer.SELLER, is_automatic=False)
    elif policy.final_sale:
        raise NotReturnable("This is a final sale: it can go back only when something is wrong with it.")
    else:
        days = max(policy.window_days, WITHDRAWAL_DAYS)
        payer = Payer.BUYER if policy.buyer_pays else Payer.SELLER
        found = Entitlement(delivered_at + timedelta(days=days), payer, is_automatic=True)
    if now > found.until:
        raise NotReturnable("The time to send this back is over.")
    return found


def is_withdrawal(*, delivered_at: datetime | None, asked_at: datetime) -> bool:
    """Asked for within the legal time."""
    return delivered_at is not None and asked_at <= delivered_at + timedelta(days=WITHDRAWAL_DAYS)


def after_deductions(parts: dict[str, int], label: int) -> dict[str, int]:
    """The parts of a refund when the way back is taken off, from the largest part first; parts of nothing are left out."""
    left = dict(parts)
    for ref in sorted(left, key=lambda name: (-left[name], name)):
        taken = min(left[ref], label)
        left[ref] -= taken
        label -= taken
    return {ref: part for ref, part in left.items() if part}
