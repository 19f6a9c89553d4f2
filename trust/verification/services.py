"""Writes of verification: a case for each submission, and the operator's decision."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from core.actor import Actor
from core.audit.services import record
from core.errors import InvalidInput, NotAllowed
from core.events.trust import SellerVerificationDecided
from core.outbox.services import publish
from core.states import next_state
from marketplace import facade as marketplace
from marketplace.contracts import SellerState
from trust.contracts import CaseState
from trust.verification.models import CaseTransition, VerificationCase
from trust.verification.selectors import lock_open_case
from trust.verification.states import TRANSITIONS, CaseAction


def open_case(*, seller_id: UUID, submitted_at: datetime, now: datetime) -> None:
    """A seller asks to be verified. Nothing happens when a case is open or the seller was decided in between."""
    with transaction.atomic():
        seller = marketplace.find_seller(seller_id)
        if seller is None or seller.state is not SellerState.SUBMITTED:
            return
        case, is_new = VerificationCase.objects.get_or_create(
            seller_id=seller_id,
            state=CaseState.OPEN,
            defaults={"submitted_at": submitted_at, "seller_name": seller.name[:120]},
        )
        if is_new:
            CaseTransition.objects.create(
                case=case, from_state="", to_state=CaseState.OPEN, actor=Actor.system("trust").reference, at=now
            )


def decide_verification(*, seller_id: UUID, approved: bool, reason: str, actor: Actor, now: datetime) -> None:
    """The operator approves or rejects; seller, case, event and audit entry change together. Locks case, then seller.

    Raises NotAllowed (not an operator), InvalidInput (no reason), CaseNotFound (nothing submitted, or decided before).
    """
    if not (actor.is_operator or actor.is_system):
        raise NotAllowed("Only the operator decides.")
    if not reason.strip():
        raise InvalidInput("Give a reason.", field="reason", remedy="The seller reads it.")
    open_case(seller_id=seller_id, submitted_at=now, now=now)
    with transaction.atomic():
        case = lock_open_case(seller_id)
        before = CaseState(case.state)
        case.state = next_state(TRANSITIONS, before, CaseAction.APPROVE if approved else CaseAction.REJECT)
        case.decided_at, case.reason = now, reason
        case.save(update_fields=["state", "decided_at", "reason"])
        CaseTransition.objects.create(
            case=case, from_state=before, to_state=case.state, actor=actor.reference, reason=reason, at=now
        )
        marketplace.decide_verification(seller_id=seller_id, approved=approved, reason=reason, actor=actor, now=now)
        event = SellerVerificationDecided(seller_id=seller_id, approved=approved, reason=reason, decided_at=now)
        publish(event, actor=actor, now=now)
        record(actor=actor, action="verification.decided", subject_type="seller", subject_id=seller_id, now=now,
               approved=approved, reason=reason)  # fmt: skip
