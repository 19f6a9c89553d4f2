"""Reads of refunds."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet, Sum

from core.actor import Actor
from core.money import Money
from payments.contracts import RefundNotFound, RefundState, RefundView
from payments.escrow import selectors as escrows
from payments.escrow.models import Escrow, Refund
from payments.ledger.rules import AccountCode
from payments.ledger.selectors import balance
from payments.refunds.models import RefundLine, RefundPolicy
from payments.refunds.rules import Refundable

MAX_LIST = 200
ALL = 10_000


def view_of(refund: Refund) -> RefundView:
    def money(minor: int) -> Money:
        return Money(minor, refund.currency)

    return RefundView(
        refund_id=refund.id, order_id=refund.order_id, amount=refund.amount, state=RefundState(refund.state),
        reason=refund.reason, from_escrow=money(refund.from_escrow_minor), from_seller=money(refund.from_seller_minor),
        fee_returned=money(refund.fee_returned_minor), created_at=refund.created_at, done_at=refund.done_at,
    )  # fmt: skip


def get_refund_for(refund_id: UUID, actor: Actor) -> RefundView:
    """For the order's buyer, its seller and operators. Raises RefundNotFound, EscrowNotFound (a stranger)."""
    refund = Refund.objects.filter(id=refund_id).first()
    if refund is None or refund.order_id is None:
        raise RefundNotFound()
    escrows.get_escrow_view_for(refund.order_id, actor)
    return view_of(refund)


def refunds_of_order(order_id: UUID) -> QuerySet[Refund]:
    """For paging, newest first."""
    return Refund.objects.filter(order_id=order_id)


def list_refunds(order_ids: Iterable[UUID], limit: int = MAX_LIST) -> tuple[RefundView, ...]:
    """Refunds of some orders, newest first."""
    return tuple(view_of(row) for row in Refund.objects.filter(order_id__in=list(order_ids))[: min(limit, MAX_LIST)])


def refundable_lines(escrow: Escrow) -> dict[str, Refundable]:
    """What is left of each line, in two queries. Frozen money is not in it."""
    claimed = {
        row["line_ref"]: int(row["total"])
        for row in RefundLine.objects.filter(order_id=escrow.order_id)
        .order_by()
        .values("line_ref")
        .annotate(total=Sum("claimed_minor"))
    }
    positions = escrows.positions(escrow)
    return {ref: Refundable(position, claimed.get(ref, 0)) for ref, position in positions.items()}


def find_by_key(key: str) -> Refund | None:
    return Refund.objects.filter(idem_key=key).first()


def commission_returned(currency: str) -> int:
    """Basis points of the commission that go back with a claim (policy data; all of it by default)."""
    policy = RefundPolicy.objects.filter(currency=currency).first()
    return ALL if policy is None else policy.commission_returned_basis_points


def is_charged_back(order_id: UUID, currency: str) -> bool:
    """A bank holds money of this order and has not decided."""
    return bool(balance(AccountCode.CHARGEBACK_DUE, str(order_id), currency))


def list_refundable(order_id: UUID) -> dict[str, Money]:
    """What can still be refunded of each line."""
    escrow = Escrow.objects.get(order_id=order_id)
    return {ref: escrow.money(max(line.left, 0)) for ref, line in refundable_lines(escrow).items()}
