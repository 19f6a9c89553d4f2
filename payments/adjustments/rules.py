"""Whose income a deduction is, and whose cost a credit is."""

from __future__ import annotations

from payments.ledger.rules import AccountCode

COUNTERPARTS = {
    "PENALTY": AccountCode.PENALTY_INCOME,
    "COMPENSATION": AccountCode.COMPENSATION,
    "CORRECTION": AccountCode.PENALTY_INCOME,
}
