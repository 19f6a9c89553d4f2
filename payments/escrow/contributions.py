"""The platform's part of an order (codes it pays for): it follows what the seller has of the buyer's money.

The buyer's money alone lies in escrow. Whenever it moves, the platform's part is brought to where it should be: paid out
with releases, taken back with refunds. There is no second clock and nothing to forget, since it is computed from the sums.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import F, Sum

from core.money import Money
from payments.escrow.models import ContributionEntry, Escrow, Refund
from payments.escrow.rules import contribution_due
from payments.ledger import services as ledger
from payments.ledger.rules import AccountCode, Leg
from payments.reserves import services as reserves


def settle_contribution(escrow: Escrow, *, now: datetime) -> None:
    """Pay the seller of a locked escrow what is due of the platform's part, or take back what no longer is.

    In the caller's transaction, after its money has moved. Doing it twice changes nothing.
    """
    if not escrow.contribution_minor:
        return
    entries = ContributionEntry.objects.filter(escrow=escrow)
    paid = entries.aggregate(total=Sum("delta_minor"))["total"] or 0
    due = contribution_due(
        contribution=escrow.contribution_minor, amount=escrow.amount_minor, released=escrow.released_minor,
        claimed=_claimed(escrow.order_id),
    )  # fmt: skip
    delta = due - paid
    if not delta:
        return
    number = entries.count() + 1
    if delta > 0:
        credit = reserves.prepare_credit(seller_id=escrow.seller_id, amount=escrow.money(delta), now=now)
        txn_id = _post(escrow, number, delta, credit.legs, now=now)
        reserves.record_credit(credit=credit, order_id=escrow.order_id, txn_id=txn_id, now=now)
    else:
        claim = reserves.prepare_claim(seller_id=escrow.seller_id, amount=escrow.money(-delta))
        txn_id = _post(escrow, number, delta, claim.legs, now=now)
    ContributionEntry.objects.create(escrow=escrow, delta_minor=delta, txn_id=txn_id, at=now)


def _post(escrow: Escrow, number: int, delta: int, legs: Iterable[Leg], *, now: datetime) -> int:
    posted = ledger.post(
        scope="contribution", key=f"{escrow.id}:{number}", kind="CONTRIBUTION" if delta > 0 else "CONTRIBUTION_BACK",
        ref=str(escrow.order_id), now=now, legs=[Leg(AccountCode.PROMOTION_COST, "", escrow.money(delta)), *legs],
    )  # fmt: skip
    return posted.txn_id


def _claimed(order_id: UUID) -> int:
    """Released money that the seller gave back; what the platform bore alone is not the seller's."""
    claims = Refund.objects.filter(order_id=order_id, from_seller_minor__gt=0)
    return claims.aggregate(total=Sum(F("amount_minor") - F("from_escrow_minor")))["total"] or 0


def paid_contributions(order_ids: Iterable[UUID]) -> dict[UUID, Money]:
    """Order -> what the platform has paid its seller so far, of orders with such a part; one query."""
    found = Escrow.objects.filter(order_id__in=list(order_ids), contribution_minor__gt=0).order_by()
    sums = found.values_list("order_id", "currency").annotate(total=Sum("contributions__delta_minor"))
    return {order_id: Money(total or 0, currency) for order_id, currency, total in sums}
