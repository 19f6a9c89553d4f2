"""Payment schedules of made-to-order goods: each milestone has its own charge and its own escrow.

The milestone's id is the order id of its escrow and the purchase of its charge, so that everything an escrow can do
(proof, inspection, acceptance, dispute, refund) holds for it, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from core.actor import Actor
from core.errors import InvalidInput
from core.ids import new_id
from core.money import sum_money
from core.statements import Prepared
from payments.contracts import (
    DeliveryKind,
    EscrowNotFound,
    EscrowRequest,
    EscrowState,
    EscrowTransitionRefused,
    MilestoneNotFound,
    MilestoneRequest,
    MilestoneTrigger,
    MilestoneView,
)
from payments.escrow import selectors, services
from payments.escrow.models import Escrow, Milestone

MAX_MILESTONES = 20
CLOCK = Actor.system("milestones")
_deposit = Prepared(  # asked of every escrow that is funded
    lambda milestone_id: Milestone.objects.filter(id=milestone_id, trigger=MilestoneTrigger.FUNDING.value)[:1],
    milestone_id=UUID,
)


def open_schedule(
    *, order_id: UUID, buyer_id: UUID, seller_id: UUID, steps: Sequence[MilestoneRequest], now: datetime
) -> tuple[MilestoneView, ...]:
    """Write down what is paid when; nothing is charged yet. Saying the same again changes nothing.

    Raises InvalidInput: no or too many steps, different currencies, nothing to pay, or another schedule exists.
    """
    if not 1 <= len(steps) <= MAX_MILESTONES or any(step.amount.minor <= 0 for step in steps):
        raise InvalidInput("A schedule has one to 20 steps, each with an amount.", field="steps")
    if any(step.amount.currency != steps[0].amount.currency for step in steps):
        raise InvalidInput("A schedule has one currency.", field="steps")
    with transaction.atomic():
        known = list(Milestone.objects.select_for_update().filter(order_id=order_id))
        if known:
            _check_same(known, steps, seller_id)
        else:
            Milestone.objects.bulk_create(
                Milestone(
                    id=step.milestone_id or new_id(), order_id=order_id, position=position, name=step.name[:120], buyer_id=buyer_id,
                    seller_id=seller_id, amount_minor=step.amount.minor, currency=step.amount.currency,
                    trigger=step.trigger.value, category_code=step.category, created_at=now,
                )
                for position, step in enumerate(steps, start=1)
            )  # fmt: skip
    return list_milestones(order_id)


def _check_same(known: Sequence[Milestone], steps: Sequence[MilestoneRequest], seller_id: UUID) -> None:
    wanted = [(step.name[:120], step.amount, step.trigger.value, seller_id) for step in steps]
    if [(m.name, m.amount, m.trigger, m.seller_id) for m in known] != wanted:
        raise InvalidInput("This order has another schedule already.", field="steps")


def list_milestones(order_id: UUID) -> tuple[MilestoneView, ...]:
    """The schedule of an order, in its order; empty when there is none. At most three queries."""
    rows = list(Milestone.objects.filter(order_id=order_id).order_by("position"))
    if not rows:
        return ()
    escrows = selectors.list_escrow_views([row.id for row in rows])
    return tuple(
        MilestoneView(
            milestone_id=row.id, order_id=row.order_id, position=row.position, name=row.name, amount=row.amount,
            trigger=MilestoneTrigger(row.trigger), proof=row.proof, proven_at=row.proven_at, escrow=escrows.get(row.id),
        )
        for row in rows
    )  # fmt: skip


def list_milestones_for(order_id: UUID, actor: Actor) -> tuple[MilestoneView, ...]:
    """For the buyer, the seller and operators. Raises MilestoneNotFound for everybody else and without a schedule."""
    row = Milestone.objects.filter(order_id=order_id).first()
    if row is None or not (actor.is_operator or actor.acts_for(row.buyer_id) or actor.acts_for(row.seller_id)):
        raise MilestoneNotFound()
    return list_milestones(order_id)


def charge_request(milestone_id: UUID) -> tuple[Milestone, EscrowRequest]:
    """What to charge for a milestone; earlier steps must be paid. Raises MilestoneNotFound, EscrowTransitionRefused."""
    row = get_milestone(milestone_id)
    earlier = Milestone.objects.filter(order_id=row.order_id, position__lt=row.position).values_list("id", flat=True)
    paid = Escrow.objects.filter(order_id__in=list(earlier)).exclude(
        state__in=[EscrowState.CREATED.value, EscrowState.CANCELLED.value]
    )
    if paid.count() < len(earlier):
        raise EscrowTransitionRefused("An earlier step is not paid yet.")
    request = EscrowRequest(
        order_id=row.id, seller_id=row.seller_id, amount=row.amount, goods=((row.category_code, row.amount),),
        shipping=sum_money((), row.currency), milestone_of=row.order_id,
    )  # fmt: skip
    return row, request


def get_milestone(milestone_id: UUID) -> Milestone:
    """Raises MilestoneNotFound."""
    row = Milestone.objects.filter(id=milestone_id).first()
    if row is None:
        raise MilestoneNotFound()
    return row


def prove_milestone(*, milestone_id: UUID, proof: str, actor: Actor, now: datetime) -> MilestoneView:
    """The seller shows that a step is done: the buyer's inspection runs, silence accepts. Twice changes nothing.

    Raises MilestoneNotFound (not the seller), InvalidInput (no proof), EscrowNotFound, EscrowTransitionRefused (not
    paid).
    """
    words = proof.strip()
    if not words or len(words) > 2000:
        raise InvalidInput("Say what shows that it is done.", field="proof", remedy="At most 2,000 characters.")
    with transaction.atomic():
        row = Milestone.objects.select_for_update().filter(id=milestone_id).first()
        if row is None or not (actor.is_system or actor.acts_for(row.seller_id)):
            raise MilestoneNotFound()
        if row.proven_at is None:
            services.mark_delivered(
                order_id=row.id, delivery_kind=DeliveryKind.VIRTUAL, delivered_at=now, actor=CLOCK, now=now
            )
            row.proof, row.proven_at = words, now
            row.save(update_fields=["proof", "proven_at"])
    return _view_of(row)


def accept_milestone(*, milestone_id: UUID, actor: Actor, now: datetime) -> MilestoneView:
    """The buyer accepts a step, shown or not: its money goes to the seller. Twice changes nothing.

    Raises MilestoneNotFound (not the buyer), EscrowTransitionRefused (not paid, or in dispute).
    """
    row = get_milestone(milestone_id)
    if not actor.acts_for(row.buyer_id):
        raise MilestoneNotFound()
    with transaction.atomic():
        selectors.lock_escrow(row.id)  # a deposit's own release may come at the same moment
        escrow = selectors.get_escrow_view(row.id)
        if escrow.held:
            services.release_part(order_id=row.id, lines=None, amount=None, reason="Accepted", actor=actor, now=now)
        elif not escrow.released:
            raise EscrowTransitionRefused("This step is not paid yet.")
    return _view_of(row)


def release_deposit(*, milestone_id: UUID, now: datetime) -> bool:
    """A step that is released by its funding (a deposit) goes to the seller once it is paid. False: not this kind."""
    row = _deposit.first(milestone_id=milestone_id)
    if row is None:
        return False
    with transaction.atomic():
        try:
            selectors.lock_escrow(row.id)  # the buyer may accept it at the same moment
        except EscrowNotFound:
            return False
        escrow = selectors.get_escrow_view(row.id)
        if escrow.held and not escrow.frozen:
            services.release_part(order_id=row.id, lines=None, amount=None, reason="Deposit", actor=CLOCK, now=now)
    return True


def _view_of(row: Milestone) -> MilestoneView:
    return next(view for view in list_milestones(row.order_id) if view.milestone_id == row.id)
