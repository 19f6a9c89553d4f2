"""Refunding an order: full, partial, per line or shipping; from escrow while held, from the seller after release."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from core.actor import Actor
from core.errors import InvalidInput
from core.events.payments import RefundRequested
from core.ids import new_id
from core.money import Money
from core.outbox.services import publish
from payments.contracts import (
    EscrowNotFound,
    EscrowState,
    EscrowTransitionRefused,
    IdempotencyConflict,
    RefundDuringDispute,
    RefundState,
    RefundView,
)
from payments.escrow import selectors as escrow_reads
from payments.escrow.contributions import settle_contribution
from payments.escrow.models import Escrow, Refund
from payments.escrow.services import refund_parts
from payments.escrow.states import EscrowAction
from payments.escrow.steps import party_for
from payments.ledger import services as ledger
from payments.ledger.rules import AccountCode, Leg
from payments.refunds import selectors
from payments.refunds.models import RefundLine
from payments.refunds.rules import Part, divide, request_hash, wanted_parts
from payments.reserves import services as reserves

MAX_KEY = 80
S = EscrowState


def refund(
    *, order_id: UUID, lines: Mapping[str, Money | None] | None = None, amount: Money | None = None,
    shipping: bool = False, reason: str, key: str, actor: Actor, now: datetime,
) -> RefundView:  # fmt: skip
    """Send money of a paid order back to its buyer; the provider is asked by a task.

    Held money comes from the escrow. Released money is a claim: commission back by policy, the rest from the seller's
    available money, then the reserve, then as debt, and beyond its limit from the platform. The same key again returns
    the first refund. Locks the escrow, then the seller's balance; publishes RefundRequested. For the seller, operators
    and the system. Raises EscrowNotFound, EscrowTransitionRefused (a buyer; not paid), RefundDuringDispute, UnknownLine,
    RefundTooLarge, IdempotencyConflict.
    """
    if not 1 <= len(key) <= MAX_KEY:
        raise InvalidInput("The key is not usable.", field="key", remedy=f"Send 1 to {MAX_KEY} characters.")
    content = request_hash(order_id=str(order_id), refs=lines, amount=amount, shipping=shipping)
    with transaction.atomic():
        escrow = escrow_reads.lock_escrow(order_id)
        party_for(actor, escrow, EscrowAction.REFUND_PART)
        known = selectors.find_by_key(f"{order_id}:{key}")
        if known is not None:
            return _replay(known, content)
        _refuse_unless_refundable(escrow)
        available = selectors.refundable_lines(escrow)
        wanted = wanted_parts(available, refs=lines, amount=amount, shipping=shipping, currency=escrow.currency)
        rate = selectors.commission_returned(escrow.currency)
        parts = {ref: divide(available[ref], part, rate) for ref, part in wanted.items()}
        row = _carry_out(escrow, parts, key=f"{order_id}:{key}", content=content, reason=reason, actor=actor, now=now)
        return selectors.view_of(row)


def _replay(known: Refund, content: bytes) -> RefundView:
    if bytes(known.content_hash) != content:
        raise IdempotencyConflict()
    return selectors.view_of(known)


def _refuse_unless_refundable(escrow: Escrow) -> None:
    if escrow.state in (S.CREATED, S.CANCELLED):
        raise EscrowTransitionRefused("Nothing was paid for this order.")
    if escrow.state == S.DISPUTED or selectors.is_charged_back(escrow.order_id, escrow.currency):
        raise RefundDuringDispute()


def _carry_out(
    escrow: Escrow, parts: Mapping[str, Part], *, key: str, content: bytes, reason: str, actor: Actor, now: datetime
) -> Refund:
    if escrow.charge_id is None:
        raise EscrowNotFound()
    refund_id, txn_id = new_id(), 0
    held = {ref: part.from_escrow for ref, part in parts.items() if part.from_escrow}
    if held:
        txn_id = refund_parts(escrow, held, reason=reason, actor=actor, now=now)
    claim = sum(part.claim for part in parts.values())
    fee, vat = sum(part.fee_back for part in parts.values()), sum(part.vat_back for part in parts.values())
    from_seller = 0
    if claim:
        txn_id, from_seller = _claim(escrow, refund_id, claim=claim, fee=fee, vat=vat, now=now)
    row = Refund.objects.create(
        id=refund_id, charge_id=escrow.charge_id, order_id=escrow.order_id, txn_id=txn_id,
        amount_minor=sum(held.values()) + claim, currency=escrow.currency, reason=reason[:500], idem_key=key,
        content_hash=content, from_escrow_minor=sum(held.values()), from_seller_minor=from_seller,
        fee_returned_minor=fee, fee_vat_returned_minor=vat, created_at=now, next_attempt_at=now,
    )  # fmt: skip
    record_lines(row, parts)
    settle_contribution(escrow, now=now)
    publish(
        RefundRequested(
            refund_id=row.id, charge_id=row.charge_id, order_id=row.order_id, amount=row.amount, at=now, reason=reason
        ),
        actor=actor, now=now,
    )  # fmt: skip
    return row


def _claim(escrow: Escrow, refund_id: UUID, *, claim: int, fee: int, vat: int, now: datetime) -> tuple[int, int]:
    """Post the claim by the waterfall; returns the ledger transaction and what the seller bears."""
    taken = reserves.prepare_claim(seller_id=escrow.seller_id, amount=escrow.money(claim - fee))
    posted = ledger.post(
        scope="refund", key=str(refund_id), kind="REFUND_CLAIM", ref=str(escrow.order_id), now=now,
        legs=[
            *taken.legs,
            Leg(AccountCode.FEE_REVENUE, "", escrow.money(fee - vat)),
            Leg(AccountCode.VAT_PAYABLE, "", escrow.money(vat)),
            Leg(AccountCode.PSP_CLEARING, "", escrow.money(-claim)),
        ],
    )  # fmt: skip
    return posted.txn_id, taken.from_seller


def record_lines(row: Refund, parts: Mapping[str, Part]) -> None:
    """What a refund did to each line."""
    RefundLine.objects.bulk_create(
        RefundLine(
            refund=row, order_id=row.order_id, line_ref=ref, amount_minor=part.amount, claimed_minor=part.claim,
            fee_returned_minor=part.fee_back,
        )
        for ref, part in sorted(parts.items())
        if row.order_id is not None
    )  # fmt: skip


def record_lost(
    *, escrow: Escrow, charge_id: UUID, parts: Mapping[str, Part], from_seller: int, txn_id: int, reason: str,
    now: datetime,
) -> None:  # fmt: skip
    """A bank took money of this order for good: the buyer has it, so it counts as refunded. Nothing is sent."""
    total = sum(part.amount for part in parts.values())
    if not total:
        return
    row = Refund.objects.create(
        id=new_id(), charge_id=charge_id, order_id=escrow.order_id, txn_id=txn_id, amount_minor=total,
        currency=escrow.currency, reason=reason[:500], state=RefundState.DONE.value, created_at=now, done_at=now,
        next_attempt_at=now, from_escrow_minor=sum(part.from_escrow for part in parts.values()),
        from_seller_minor=from_seller, fee_returned_minor=sum(part.fee_back for part in parts.values()),
        fee_vat_returned_minor=sum(part.vat_back for part in parts.values()),
    )  # fmt: skip
    record_lines(row, parts)
    settle_contribution(escrow, now=now)
