"""Writes of agreements: asking, offering, accepting; then step by step: paying, showing, accepting.

Locks the agreement; money is payments' (each step has a charge and an escrow of its own).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from core.actor import Actor
from core.errors import InvalidInput, NotAllowed
from core.events.marketplace import AgreementAccepted, AgreementClosed, AgreementProposed, AgreementRequested
from core.ids import new_id, short_code
from core.money import Money
from core.outbox.services import publish
from core.states import next_state
from marketplace.agreements.models import Agreement, AgreementStep, AgreementTransition
from marketplace.agreements.rules import MAX_OPEN_REQUESTS, check_steps, checked_text
from marketplace.agreements.selectors import count_open_requests, get_step_of, lock_agreement, total_of
from marketplace.agreements.states import TRANSITIONS, AgreementAction
from marketplace.catalog.models import Listing
from marketplace.catalog.selectors import get_listing_on_sale
from marketplace.contracts import AgreementNotFound, AgreementState, AgreementStepInput, OwnGoods
from payments import facade as payments
from payments.contracts import ChargeState, ChargeView, MilestoneRequest, MilestoneTrigger, MilestoneView

A = AgreementAction


def request_agreement(*, listing_id: UUID, wish: str, actor: Actor, now: datetime) -> Agreement:
    """A buyer asks for something made to order, like a listing but different. Publishes AgreementRequested.

    Raises ListingNotFound, OwnGoods, InvalidInput (no wish, too many open requests), NotAllowed (nobody's buyer).
    """
    if actor.organisation_id is None:
        raise NotAllowed("Log in to ask.")
    listing = get_listing_on_sale(listing_id)
    if actor.acts_for(listing.seller_id):
        raise OwnGoods()
    words = checked_text(wish, "wish")
    if count_open_requests(actor.organisation_id) >= MAX_OPEN_REQUESTS:
        raise InvalidInput("You have too many open requests.", field="wish")
    return open_agreement(listing=listing, buyer_id=actor.organisation_id, wish=words, actor=actor, now=now)


def open_agreement(*, listing: Listing, buyer_id: UUID, wish: str, actor: Actor, now: datetime) -> Agreement:
    """Something made to order for a buyer who asked for it, here or in a price talk. Publishes AgreementRequested."""
    with transaction.atomic():
        agreement_id = new_id()
        made = Agreement.objects.create(
            id=agreement_id, number=short_code(agreement_id, prefix="LA"), listing=listing, buyer_id=buyer_id,
            seller_id=listing.seller_id, title=listing.title, wish=wish, state=AgreementState.REQUESTED,
            currency=listing.currency, requested_at=now,
        )  # fmt: skip
        _note(made, from_state="", action="REQUEST", actor=actor, reason="", now=now)
        publish(AgreementRequested(**_facts(made, now)), actor=actor, now=now)
    return made


def propose_plan(
    *, agreement_id: UUID, terms: str, steps: Sequence[AgreementStepInput], actor: Actor, now: datetime
) -> Agreement:
    """The seller says what it makes and how it is paid; may be changed until the buyer accepts. Publishes AgreementProposed.

    Raises AgreementNotFound (not the seller), InvalidInput (no terms, no proper steps), TransitionRefused.
    """
    words = checked_text(terms, "terms")
    with transaction.atomic():
        found = _lock_for(agreement_id, actor, "SELLER")
        check_steps(steps, found.currency)
        found.terms, found.proposed_at = words, now
        _move(found, A.PROPOSE, actor=actor, now=now, columns=("terms", "proposed_at"))
        found.steps.all().delete()
        AgreementStep.objects.bulk_create(
            AgreementStep(
                agreement=found, position=position, name=step.name.strip(), amount_minor=step.amount.minor,
                currency=step.amount.currency, trigger=step.trigger.value,
            )
            for position, step in enumerate(steps, start=1)
        )  # fmt: skip
        publish(AgreementProposed(**_facts(found, now), total=total_of(found)), actor=actor, now=now)
    return found


def accept_plan(*, agreement_id: UUID, expected_total: Money, actor: Actor, now: datetime) -> Agreement:
    """The buyer accepts what they saw; the plan is fixed in payments and can be paid. Publishes AgreementAccepted.

    Accepted already: nothing changes. Raises AgreementNotFound (not the buyer), InvalidInput (the plan has changed since),
    TransitionRefused.
    """
    with transaction.atomic():
        found = _lock_for(agreement_id, actor, "BUYER")
        if found.state == AgreementState.ACCEPTED:
            return found
        if total_of(found) != expected_total:
            raise InvalidInput("The plan has changed since you saw it.", field="total", remedy="Look at it again.")
        found.closed_at = now
        _move(found, A.ACCEPT, actor=actor, now=now, columns=("closed_at",))
        payments.open_schedule(
            order_id=found.id, buyer_id=found.buyer_id, seller_id=found.seller_id, now=now,
            steps=[
                MilestoneRequest(
                    step.name, step.amount, MilestoneTrigger(step.trigger), found.listing.category_id, milestone_id=step.id
                )
                for step in found.steps.all()
            ],
        )  # fmt: skip
        publish(AgreementAccepted(**_facts(found, now), total=total_of(found)), actor=actor, now=now)
    return found


def close_agreement(*, agreement_id: UUID, reason: str, actor: Actor, now: datetime) -> Agreement:
    """Either side ends it before it is accepted: the buyer withdraws a request or declines an offer, the seller likewise.

    Closed already: nothing changes. Publishes AgreementClosed. Raises AgreementNotFound, TransitionRefused (accepted).
    """
    with transaction.atomic():
        found = lock_agreement(agreement_id)
        is_buyer = actor.acts_for(found.buyer_id)
        if not (is_buyer or actor.acts_for(found.seller_id)):
            raise AgreementNotFound()
        if found.state in (AgreementState.DECLINED, AgreementState.WITHDRAWN):
            return found
        asks = (found.state == AgreementState.REQUESTED) == is_buyer
        found.closed_at = now
        _move(
            found, A.WITHDRAW if asks else A.DECLINE, actor=actor, now=now, reason=reason.strip()[:500],
            columns=("closed_at",),
        )  # fmt: skip
        publish(
            AgreementClosed(**_facts(found, now), by="BUYER" if is_buyer else "SELLER", reason=reason.strip()[:500]),
            actor=actor, now=now,
        )  # fmt: skip
    return found


# ------------------------------------------------------------------------------------------------ step by step


def pay_step(
    *, agreement_id: UUID, step_id: UUID, method_token: str | None, return_url: str, actor: Actor, now: datetime,
    saved_method_id: UUID | None = None,
) -> ChargeView:  # fmt: skip
    """The buyer pays a step (outside any transaction); after a failed attempt a new charge is opened.

    Raises AgreementNotFound (not the buyer), EscrowTransitionRefused (an earlier step is not paid), SavedMethodNotFound.
    """
    step = get_step_of(agreement_id=agreement_id, step_id=step_id, actor=actor)
    if not actor.acts_for(step.agreement.buyer_id):
        raise AgreementNotFound()
    charge = payments.find_charge_for_purchase(step_id)
    if charge is None or charge.state in (ChargeState.FAILED, ChargeState.CANCELLED):
        charge = payments.charge_milestone(milestone_id=step_id, actor=actor, now=now)
    if charge.state in (ChargeState.CREATED, ChargeState.REQUIRES_ACTION):
        charge = payments.submit_charge(
            charge_id=charge.charge_id, method_token=method_token, saved_method_id=saved_method_id,
            return_url=return_url, actor=actor, now=now,
        )  # fmt: skip
    return charge


def refresh_step(*, agreement_id: UUID, step_id: UUID, actor: Actor, now: datetime) -> ChargeView | None:
    """Ask how the step's payment stands (the buyer is back from the provider). Raises AgreementNotFound."""
    get_step_of(agreement_id=agreement_id, step_id=step_id, actor=actor)
    charge = payments.find_charge_for_purchase(step_id)
    return payments.refresh_charge(charge_id=charge.charge_id, now=now) if charge else None


def prove_step(*, agreement_id: UUID, step_id: UUID, proof: str, actor: Actor, now: datetime) -> MilestoneView:
    """The seller shows that a step is done: the buyer's inspection runs, silence accepts.

    Raises AgreementNotFound (not the seller), InvalidInput (no proof), EscrowNotFound, EscrowTransitionRefused (not paid).
    """
    step = get_step_of(agreement_id=agreement_id, step_id=step_id, actor=actor)
    if not actor.acts_for(step.agreement.seller_id):
        raise AgreementNotFound()
    return payments.prove_milestone(milestone_id=step_id, proof=proof, actor=actor, now=now)


def accept_step(*, agreement_id: UUID, step_id: UUID, actor: Actor, now: datetime) -> MilestoneView:
    """The buyer accepts a step: its money goes to the seller. Raises AgreementNotFound, EscrowTransitionRefused."""
    step = get_step_of(agreement_id=agreement_id, step_id=step_id, actor=actor)
    if not actor.acts_for(step.agreement.buyer_id):
        raise AgreementNotFound()
    return payments.accept_milestone(milestone_id=step_id, actor=actor, now=now)


# ------------------------------------------------------------------------------------------------ shared


def _lock_for(agreement_id: UUID, actor: Actor, side: str) -> Agreement:
    found = lock_agreement(agreement_id)
    if not actor.acts_for(found.buyer_id if side == "BUYER" else found.seller_id):
        raise AgreementNotFound()
    return found


def _move(
    agreement: Agreement, action: AgreementAction, *, actor: Actor, now: datetime, reason: str = "",
    columns: tuple[str, ...] = (),
) -> None:  # fmt: skip
    before = AgreementState(agreement.state)
    agreement.state = next_state(TRANSITIONS, before, action)
    agreement.save(update_fields=["state", *columns])
    _note(agreement, from_state=before, action=action, actor=actor, reason=reason, now=now)


def _note(agreement: Agreement, *, from_state: str, action: str, actor: Actor, reason: str, now: datetime) -> None:
    AgreementTransition.objects.create(
        agreement=agreement, from_state=from_state, to_state=agreement.state, action=action, actor=actor.reference,
        reason=reason, at=now,
    )  # fmt: skip


def _facts(agreement: Agreement, now: datetime) -> dict[str, Any]:
    return {
        "agreement_id": agreement.id, "number": agreement.number, "listing_id": agreement.listing_id,
        "buyer_id": agreement.buyer_id, "seller_id": agreement.seller_id, "at": now,
    }  # fmt: skip
