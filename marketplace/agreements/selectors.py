"""Reads of agreements; strangers get AgreementNotFound."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import QuerySet, Sum

from core.actor import Actor
from core.ids import order_number
from core.money import Money
from core.statements import Prepared
from marketplace.agreements.models import Agreement, AgreementStep
from marketplace.contracts import AgreementNotFound, AgreementState, OrderLineView, OrderState, OrderView
from payments import facade as payments
from payments.contracts import EscrowState, EscrowView, MilestoneView


def _agreements() -> QuerySet[Agreement]:
    return Agreement.objects.select_related("buyer", "seller", "listing")


def get_agreement_for(*, agreement_id: UUID, actor: Actor) -> Agreement:
    """For its buyer, its seller and operators. Raises AgreementNotFound for everyone else."""
    found = _agreements().prefetch_related("steps").filter(id=agreement_id).first()
    if found is None or not (actor.is_operator or actor.acts_for(found.buyer_id) or actor.acts_for(found.seller_id)):
        raise AgreementNotFound()
    return found


def find_agreement(agreement_id: UUID) -> Agreement | None:
    """With its parties and steps; the caller checks who asks."""
    return _agreements().prefetch_related("steps").filter(id=agreement_id).first()


def lock_agreement(agreement_id: UUID) -> Agreement:
    """Raises AgreementNotFound."""
    found = Agreement.objects.select_for_update().filter(id=agreement_id).first()
    if found is None:
        raise AgreementNotFound()
    return found


def agreements_of_buyer(buyer_id: UUID) -> QuerySet[Agreement]:
    """Newest first with the plan's total; page it."""
    return (
        _agreements()
        .filter(buyer_id=buyer_id)
        .annotate(total_minor=Sum("steps__amount_minor"))
        .order_by("-requested_at", "-id")
    )


def agreements_of_seller(seller_id: UUID) -> QuerySet[Agreement]:
    """Newest first with the plan's total; page it."""
    return (
        _agreements()
        .filter(seller_id=seller_id)
        .annotate(total_minor=Sum("steps__amount_minor"))
        .order_by("-requested_at", "-id")
    )


def count_open_requests(buyer_id: UUID) -> int:
    open_states = (AgreementState.REQUESTED.value, AgreementState.PROPOSED.value)
    return Agreement.objects.filter(buyer_id=buyer_id, state__in=open_states).count()


_accepted_step = Prepared(  # asked of every order that is paid, disputed or released
    lambda step_id: AgreementStep.objects.select_related(
        "agreement__buyer", "agreement__seller", "agreement__listing"
    ).filter(id=step_id, agreement__state=AgreementState.ACCEPTED.value)[:1],
    step_id=UUID,
)


def find_step(step_id: UUID) -> AgreementStep | None:
    """A step of an accepted plan, with its agreement and parties."""
    return _accepted_step.first(step_id=step_id)


def get_step_of(*, agreement_id: UUID, step_id: UUID, actor: Actor) -> AgreementStep:
    """Raises AgreementNotFound (a stranger, or not accepted yet)."""
    agreement = get_agreement_for(agreement_id=agreement_id, actor=actor)
    step = find_step(step_id)
    if step is None or step.agreement_id != agreement.id:
        raise AgreementNotFound()
    return step


def milestones_of(agreement: Agreement) -> dict[UUID, MilestoneView]:
    """Where the money of each step is; empty before it is accepted."""
    if agreement.state != AgreementState.ACCEPTED:
        return {}
    return {one.milestone_id: one for one in payments.list_milestones(agreement.id)}


def total_of(agreement: Agreement) -> Money:
    return Money(sum(step.amount_minor for step in agreement.steps.all()), agreement.currency)


#: A paid step counts as on its way: what is made may be wrong or never come, and its money can be disputed.
_STATES: Final = {
    EscrowState.CREATED: OrderState.AWAITING_PAYMENT, EscrowState.FUNDED: OrderState.SHIPPED,
    EscrowState.SHIPPED: OrderState.SHIPPED, EscrowState.DELIVERED: OrderState.DELIVERED,
    EscrowState.DISPUTED: OrderState.DISPUTED, EscrowState.RELEASED: OrderState.COMPLETED,
    EscrowState.SETTLED: OrderState.COMPLETED, EscrowState.REFUNDED: OrderState.REFUNDED,
    EscrowState.CANCELLED: OrderState.CANCELLED,
}  # fmt: skip


def find_step_as_order(step_id: UUID) -> OrderView | None:
    """A step seen as an order of its own, for disputes about its money; None when there is no such step."""
    step = find_step(step_id)
    if step is None:
        return None
    agreement, escrow = step.agreement, payments.list_escrows([step_id]).get(step_id)
    accepted_at = agreement.closed_at or agreement.requested_at
    return OrderView(
        order_id=step.id, number=order_number(step.id), purchase_id=step.id, buyer_id=agreement.buyer_id,
        seller_id=agreement.seller_id, seller_name=agreement.seller.name, buyer_name=agreement.buyer.name,
        state=_STATES[escrow.state] if escrow else OrderState.AWAITING_PAYMENT, total=step.amount,
        shipping=Money.zero(step.currency),
        lines=(
            OrderLineView(
                line_id=step.id, listing_id=agreement.listing_id, title=f"{agreement.title}: {step.name}", quantity=1,
                unit_price=step.amount, category_code=agreement.listing.category_id,
            ),
        ),
        placed_at=accepted_at, paid_at=_paid_at(escrow, accepted_at), shipped_at=None, delivered_at=None,
        completed_at=None, ship_by=None, promised_latest=None, agreement_id=agreement.id,
    )  # fmt: skip


def _paid_at(escrow: EscrowView | None, moment: datetime) -> datetime | None:
    unpaid = escrow is None or escrow.state in (EscrowState.CREATED, EscrowState.CANCELLED)
    return None if unpaid else moment
