"""Reads of disputes; strangers get DisputeNotFound."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from core.actor import Actor
from trust.contracts import (
    DisputeNotFound,
    DisputeParty,
    DisputeReason,
    DisputeState,
    DisputeView,
    DisputeWish,
    EvidenceNotFound,
    EvidenceView,
    MessageView,
)
from trust.disputes.models import Dispute, DisputeMessage, Evidence

MAX_THREAD = 500


def party_of(dispute: Dispute, actor: Actor) -> DisputeParty:
    """Which side the actor is on. Raises DisputeNotFound for everyone else."""
    if actor.is_operator:
        return DisputeParty.OPERATOR
    if actor.acts_for(dispute.buyer_id):
        return DisputeParty.BUYER
    if actor.acts_for(dispute.seller_id):
        return DisputeParty.SELLER
    raise DisputeNotFound()


def lock_dispute(dispute_id: UUID) -> Dispute:
    """Raises DisputeNotFound."""
    dispute = Dispute.objects.select_for_update().filter(id=dispute_id).first()
    if dispute is None:
        raise DisputeNotFound()
    return dispute


def get_dispute_for(*, dispute_id: UUID, actor: Actor) -> Dispute:
    """A dispute its parties and operators may see. Raises DisputeNotFound."""
    dispute = Dispute.objects.filter(id=dispute_id).first()
    if dispute is None:
        raise DisputeNotFound()
    party_of(dispute, actor)
    return dispute


def find_dispute_of_order(order_id: UUID) -> Dispute | None:
    """The order's live dispute, else its latest one."""
    disputes = Dispute.objects.filter(order_id=order_id).order_by("-opened_at", "-id")
    return disputes.filter(state=DisputeState.OPEN).first() or disputes.first()


def find_dispute_of_order_for(*, order_id: UUID, actor: Actor) -> Dispute | None:
    """As above, None for strangers too."""
    dispute = find_dispute_of_order(order_id)
    if dispute is not None:
        party_of(dispute, actor)
    return dispute


def disputes_of(actor: Actor) -> QuerySet[Dispute]:
    """Disputes in which the actor's organisation buys or sells; page it."""
    if actor.organisation_id is None:
        return Dispute.objects.none()
    return Dispute.objects.filter(Q(buyer_id=actor.organisation_id) | Q(seller_id=actor.organisation_id))


def disputes_of_seller(seller_id: UUID, *, state: str = "") -> QuerySet[Dispute]:
    """A seller's disputes, newest first; page it."""
    found = Dispute.objects.filter(seller_id=seller_id)
    return found.filter(state=state) if state else found


def count_open_disputes(seller_id: UUID | None = None) -> int:
    """Of a seller, or of all."""
    found = Dispute.objects.filter(state=DisputeState.OPEN)
    return found.filter(seller_id=seller_id).count() if seller_id else found.count()


def history_of(organisation_id: UUID) -> dict[str, int]:
    """How often a party was in a dispute, for the operator: bought, sold, lost as seller."""
    mine = Dispute.objects.filter(seller_id=organisation_id)
    return {
        "as_buyer": Dispute.objects.filter(buyer_id=organisation_id).count(),
        "as_seller": mine.count(),
        "at_fault": mine.filter(seller_at_fault=True).count(),
    }


def get_evidence_for(*, evidence_id: UUID, order_id: UUID, actor: Actor) -> Evidence:
    """A file of a dispute of that order, for its parties and operators. Raises EvidenceNotFound, DisputeNotFound."""
    found = Evidence.objects.select_related("dispute").filter(id=evidence_id, dispute__order_id=order_id).first()
    if found is None:
        raise EvidenceNotFound()
    party_of(found.dispute, actor)
    return found


def messages_of(dispute_id: UUID) -> list[DisputeMessage]:
    return list(DisputeMessage.objects.filter(dispute_id=dispute_id)[:MAX_THREAD])


def evidence_of(dispute_id: UUID) -> list[Evidence]:
    return list(Evidence.objects.filter(dispute_id=dispute_id)[:MAX_THREAD])


def message_view(message: DisputeMessage) -> MessageView:
    return MessageView(
        message_id=message.id, party=DisputeParty(message.party), text=message.text, at=message.at
    )  # fmt: skip


def evidence_view(evidence: Evidence) -> EvidenceView:
    return EvidenceView(
        evidence_id=evidence.id, party=DisputeParty(evidence.party), name=evidence.name,
        media_type=evidence.media_type, size=evidence.size, at=evidence.at,
    )  # fmt: skip


def dispute_view(dispute: Dispute, *, with_thread: bool = True) -> DisputeView:
    """The contract of a dispute; lists leave the thread out."""
    return DisputeView(
        dispute_id=dispute.id, order_id=dispute.order_id, buyer_id=dispute.buyer_id, seller_id=dispute.seller_id,
        state=DisputeState(dispute.state), reason=DisputeReason(dispute.reason), wish=DisputeWish(dispute.wish),
        description=dispute.description, amount=dispute.amount, opened_at=dispute.opened_at,
        closed_at=dispute.closed_at, refunded=dispute.refunded, seller_at_fault=dispute.seller_at_fault,
        reasoning=dispute.reasoning,
        messages=tuple(message_view(m) for m in messages_of(dispute.id)) if with_thread else (),
        evidence=tuple(evidence_view(e) for e in evidence_of(dispute.id)) if with_thread else (),
        lines=tuple(dispute.lines),
    )  # fmt: skip
