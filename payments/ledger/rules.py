"""The chart of accounts (one row each in payments_accountkind) and the content hash of a transaction.

Amounts are debit-positive. `lo` and `hi` bound the posted balance: `hi=0` is a liability that cannot be overdrawn
(over-release), `lo=0` an asset that cannot go below nothing. Deferred accounts are unbounded and hot: they have no
balance row to fight over, only entries and a roll-up. Source: the domain notes, section 7.2.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.money import Money


class AccountCode(StrEnum):
    """Kinds of accounts; `owner` says whose (order, seller, charge), empty for the platform's own."""

    PSP_CLEARING = "PSP_CLEARING"
    BANK = "BANK"
    ESCROW = "ESCROW"
    REFUND_DUE = "REFUND_DUE"
    SELLER_PAYABLE = "SELLER_PAYABLE"
    SELLER_RESERVE = "SELLER_RESERVE"
    SELLER_DEBT = "SELLER_DEBT"
    PAYOUT_IN_TRANSIT = "PAYOUT_IN_TRANSIT"
    DISPUTE_HOLD = "DISPUTE_HOLD"
    BUYER_CREDIT = "BUYER_CREDIT"
    FEE_REVENUE = "FEE_REVENUE"
    VAT_PAYABLE = "VAT_PAYABLE"
    PSP_FEES = "PSP_FEES"
    CHARGEBACK_LOSS = "CHARGEBACK_LOSS"
    BANK_SUSPENSE = "BANK_SUSPENSE"
    WRITE_OFF = "WRITE_OFF"
    FX_POSITION = "FX_POSITION"
    FX_ROUNDING = "FX_ROUNDING"
    PENALTY_INCOME = "PENALTY_INCOME"
    COMPENSATION = "COMPENSATION"
    CHARGEBACK_DUE = "CHARGEBACK_DUE"
    PLATFORM_LOSS = "PLATFORM_LOSS"
    PROMOTION_COST = "PROMOTION_COST"


SYNC, DEFERRED = "sync", "deferred"


@dataclass(frozen=True, slots=True)
class KindRule:
    """mode, bounds and a name people read."""

    mode: str
    lo: int | None
    hi: int | None
    name: str


CHART: dict[AccountCode, KindRule] = {
    AccountCode.PSP_CLEARING: KindRule(DEFERRED, None, None, "Held by the payment provider"),
    AccountCode.BANK: KindRule(DEFERRED, None, None, "Bank"),
    AccountCode.ESCROW: KindRule(SYNC, None, 0, "Escrow of an order"),
    AccountCode.REFUND_DUE: KindRule(SYNC, None, 0, "To be sent back to a buyer"),
    AccountCode.SELLER_PAYABLE: KindRule(SYNC, None, 0, "Available to a seller"),
    AccountCode.SELLER_RESERVE: KindRule(SYNC, None, 0, "Reserve of a seller"),
    AccountCode.SELLER_DEBT: KindRule(SYNC, 0, None, "Owed by a seller"),
    AccountCode.PAYOUT_IN_TRANSIT: KindRule(SYNC, None, 0, "On its way to a seller's bank"),
    AccountCode.DISPUTE_HOLD: KindRule(SYNC, None, 0, "Held for a dispute"),
    AccountCode.BUYER_CREDIT: KindRule(SYNC, None, 0, "Credit of a buyer"),
    AccountCode.FEE_REVENUE: KindRule(DEFERRED, None, None, "Commission earned"),
    AccountCode.VAT_PAYABLE: KindRule(DEFERRED, None, None, "VAT to pay"),
    AccountCode.PSP_FEES: KindRule(DEFERRED, None, None, "Fees of the payment provider"),
    AccountCode.CHARGEBACK_LOSS: KindRule(DEFERRED, None, None, "Losses from chargebacks"),
    AccountCode.BANK_SUSPENSE: KindRule(SYNC, None, None, "A bank line not yet explained"),
    AccountCode.WRITE_OFF: KindRule(DEFERRED, None, None, "Written off by the operator"),
    AccountCode.FX_POSITION: KindRule(DEFERRED, None, None, "Position in a currency"),
    AccountCode.FX_ROUNDING: KindRule(DEFERRED, None, None, "Rounding of exchanges"),
    AccountCode.PENALTY_INCOME: KindRule(DEFERRED, None, None, "Penalties and corrections"),
    AccountCode.COMPENSATION: KindRule(DEFERRED, None, None, "Compensation paid to sellers"),
    AccountCode.CHARGEBACK_DUE: KindRule(SYNC, 0, None, "Taken by a buyer's bank, not decided"),
    AccountCode.PLATFORM_LOSS: KindRule(DEFERRED, None, None, "Claims carried by the platform"),
    AccountCode.PROMOTION_COST: KindRule(DEFERRED, None, None, "Codes paid by the platform"),
}


@dataclass(frozen=True, slots=True)
class Leg:
    """One side of a transaction: positive debits, negative credits the account."""

    account: AccountCode
    owner: str
    amount: Money


def merge_legs(legs: Iterable[Leg]) -> list[tuple[str, str, str, int]]:
    """(kind, owner, currency, minor): one line per account, in a fixed order, none of zero."""
    sums: dict[tuple[str, str, str], int] = {}
    for leg in legs:
        key = (leg.account.value, leg.owner, leg.amount.currency)
        sums[key] = sums.get(key, 0) + leg.amount.minor
    return [(*key, minor) for key, minor in sorted(sums.items()) if minor]


def content_hash(*, kind: str, ref: str, legs: Sequence[tuple[str, str, str, int]], reverses_id: int | None) -> bytes:
    """SHA-256 over what a transaction does; two requests under one key must agree on it. `legs` as merged."""
    content = json.dumps([kind, ref, reverses_id, legs], separators=(",", ":"))
    return hashlib.sha256(content.encode()).digest()
