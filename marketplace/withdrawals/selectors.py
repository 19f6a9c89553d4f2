"""Reads of withdrawals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F, QuerySet, Sum

from core.actor import Actor
from core.errors import NotFound
from marketplace.contracts import OrderState
from marketplace.orders.models import Order, OrderLine
from marketplace.returns.rules import FinalSale, choose_policy
from marketplace.returns.selectors import category_paths, policies_for, returned_pieces
from marketplace.withdrawals.models import Withdrawal, WithdrawalLine

ANSWERABLE = (OrderState.DELIVERED, OrderState.COMPLETED, OrderState.CANCELLED, OrderState.REFUNDED)
"""Orders of which a withdrawal that waited can be carried out, or has nothing left to carry out."""


class WithdrawalNotFound(NotFound):
    code = "withdrawal_not_found"
    message = "There is no such withdrawal."


@dataclass(frozen=True, slots=True)
class Withdrawable:
    """A line with the pieces one may still withdraw from; `ground` is why the law knows no such right for it."""

    line: OrderLine
    pieces: int
    ground: FinalSale


def withdrawable_lines(order: Order) -> list[Withdrawable]:
    """The lines of an order of which something is kept, neither returned nor withdrawn from; constant queries."""
    lines = list(order.lines.all())
    gone, waiting = returned_pieces(line.id for line in lines), _waiting(line.id for line in lines)
    policies, paths = policies_for(order.seller_id), category_paths(lines)
    found = []
    for line in lines:
        pieces = line.kept - gone.get(line.id, 0) - waiting.get(line.id, 0)
        if pieces > 0:
            ground = choose_policy(policies, paths[line.category_code]).final_sale
            found.append(Withdrawable(line, pieces, ground))
    return found


def _waiting(line_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Line -> pieces withdrawn from that still wait for their return."""
    rows = WithdrawalLine.objects.filter(line_id__in=list(line_ids), withdrawal__settled_at=None)
    return dict(rows.values_list("line_id").annotate(pieces=Sum(F("quantity") - F("cancelled"))).order_by())


def _withdrawals() -> QuerySet[Withdrawal]:
    return Withdrawal.objects.select_related("order__buyer", "order__seller", "opened").prefetch_related("lines__line")


def get_withdrawal_for(*, withdrawal_id: UUID, actor: Actor) -> Withdrawal:
    """For the order's buyer, its seller and operators. Raises WithdrawalNotFound for everyone else."""
    found = _withdrawals().filter(id=withdrawal_id).first()
    if found is None or not (
        actor.is_operator or actor.acts_for(found.order.buyer_id) or actor.acts_for(found.order.seller_id)
    ):
        raise WithdrawalNotFound()
    return found


def find_withdrawal(withdrawal_id: UUID) -> Withdrawal | None:
    """The caller checks who asks."""
    return _withdrawals().filter(id=withdrawal_id).first()


def withdrawals_of_order(order_id: UUID) -> list[Withdrawal]:
    """Newest first, at most 50. The caller checks who asks."""
    return list(_withdrawals().filter(order_id=order_id)[:50])


def waiting_withdrawals(*, limit: int = 200) -> list[UUID]:
    """Those whose goods have come by now, or whose order is over; the oldest first."""
    rows = Withdrawal.objects.filter(settled_at=None, order__state__in=ANSWERABLE)
    return list(rows.order_by("stated_at", "id").values_list("id", flat=True)[:limit])
