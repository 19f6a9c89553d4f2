"""Reads of chargebacks."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from core.actor import Actor
from core.money import Money
from payments.chargebacks.models import (
    Chargeback,
    ChargebackPolicy,
    ChargebackShare,
    ChargebackStatement,
    EvidencePack,
)
from payments.chargebacks.states import ANSWERABLE
from payments.contracts import ChargebackNotFound, ChargebackState, ChargebackView
from payments.escrow.models import Escrow

MAX_LIST = 100


def chargebacks_of(seller_id: UUID) -> QuerySet[Chargeback]:
    """Those with a share of the seller, newest first, for paging; shares and statements are the seller's own."""
    mine = ChargebackShare.objects.filter(seller_id=seller_id)
    said = ChargebackStatement.objects.filter(seller_id=seller_id)
    return (
        Chargeback.objects.filter(shares__seller_id=seller_id)
        .distinct()
        .select_related("charge")
        .prefetch_related(Prefetch("shares", mine), Prefetch("statements", said))
        .order_by("-opened_at", "-id")
    )


def view_of(chargeback: Chargeback) -> ChargebackView:
    """Of a row from `chargebacks_of`: amount and orders are the seller's."""
    shares, statements = list(chargeback.shares.all()), list(chargeback.statements.all())
    return ChargebackView(
        chargeback_id=chargeback.id, purchase_id=chargeback.charge.purchase_id,
        order_ids=tuple(share.order_id for share in shares), state=ChargebackState(chargeback.state),
        reason=chargeback.reason, amount=Money(sum(share.amount_minor for share in shares), chargeback.currency),
        fee=chargeback.fee, opened_at=chargeback.opened_at, due_by=chargeback.due_by, closed_at=chargeback.closed_at,
        statement=statements[-1].text if statements else "",
    )  # fmt: skip


def list_chargebacks(seller_id: UUID, limit: int = 50) -> list[ChargebackView]:
    """Newest first."""
    return [view_of(row) for row in chargebacks_of(seller_id)[: min(limit, MAX_LIST)]]


def get_chargeback_view_for(chargeback_id: UUID, actor: Actor) -> ChargebackView:
    """The seller's part of it. Raises ChargebackNotFound for everybody who has none."""
    seller_id = actor.organisation_id
    row = chargebacks_of(seller_id).filter(id=chargeback_id).first() if seller_id else None
    if row is None:
        raise ChargebackNotFound()
    return view_of(row)


def views_by_seller(chargeback_id: UUID) -> dict[UUID, ChargebackView]:
    """The part of each seller in it."""
    sellers = ChargebackShare.objects.filter(chargeback_id=chargeback_id).values_list("seller_id", flat=True)
    return {
        seller_id: view_of(chargebacks_of(seller_id).get(id=chargeback_id)) for seller_id in sorted(set(sellers))
    }  # fmt: skip


def lock_chargeback(chargeback_id: UUID) -> Chargeback:
    """Raises ChargebackNotFound."""
    row = Chargeback.objects.select_for_update(of=("self",)).filter(id=chargeback_id).first()
    if row is None:
        raise ChargebackNotFound()
    return row


def list_to_answer(now: datetime, limit: int) -> list[UUID]:
    """Chargebacks whose evidence is due to go."""
    due = Chargeback.objects.filter(state__in=[s.value for s in ANSWERABLE], submit_at__lte=now).order_by("submit_at")
    return list(due.values_list("id", flat=True)[:limit])


def get_policy(currency: str) -> ChargebackPolicy:
    """Who bears a lost one; the seller, with the fee, by default."""
    return ChargebackPolicy.objects.filter(currency=currency).first() or ChargebackPolicy(currency=currency)


def get_escrow_of(order_id: UUID) -> Escrow:
    """The escrow behind a share."""
    return Escrow.objects.get(order_id=order_id)


def find_latest_pack(chargeback_id: UUID) -> EvidencePack | None:
    return EvidencePack.objects.filter(chargeback_id=chargeback_id).first()
