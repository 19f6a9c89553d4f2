"""Taking from and giving to sellers outside of orders, through the waterfall of payments.reserves."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from core.money import Money
from payments.ledger import services as ledger
from payments.ledger.rules import Leg
from payments.reserves import services as reserves


def post_against_seller(
    *, seller_id: UUID, amount: Money, counterpart: Leg, scope: str, key: str, kind: str, ref: str, now: datetime
) -> int:
    """One ledger transaction: `amount` to the seller (negative: from the seller), `counterpart` on the other side.

    What is given nets the seller's debt first; what is taken comes from the payable balance, the reserve, then debt up to its
    limit, then the platform. Locks the seller's balance. Returns the transaction's id.
    """
    with transaction.atomic():
        if amount.is_negative:
            legs = reserves.prepare_claim(seller_id=seller_id, amount=-amount).legs
        else:
            legs = reserves.prepare_credit(seller_id=seller_id, amount=amount, now=now, reserved=False).legs
        return ledger.post(scope=scope, key=key, kind=kind, ref=ref, legs=[counterpart, *legs], now=now).txn_id
