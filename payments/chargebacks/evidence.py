"""The evidence pack: assembled from what the house knows, stored, submitted before the bank stops listening."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from xml.sax.saxutils import escape

import structlog
from django.db import transaction
from django.utils.translation import gettext as _
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer

from core.actor import Actor
from core.errors import NotAllowed
from core.ids import new_id, order_number
from payments.chargebacks import selectors, services
from payments.chargebacks.models import Chargeback, EvidencePack
from payments.chargebacks.rules import facts_of
from payments.chargebacks.states import ANSWERABLE
from payments.contracts import ChargebackClosed, EvidenceSource, OrderEvidence
from payments.providers.port import Outcome, ProviderResult, ProviderTimeout
from payments.providers.registry import ensure_outside_transaction, get_provider
from payments.refunds.selectors import list_refunds

log = structlog.get_logger(__name__)

CLOCK = Actor.system("chargebacks")
LEASE = timedelta(minutes=5)
FIRST_RETRY = timedelta(minutes=10)
MAX_DOUBLINGS = 6
_source: EvidenceSource | None = None


def plug_evidence_source(source: EvidenceSource) -> None:
    """Who knows orders, parcels and messages; called by config.wiring."""
    global _source
    _source = source


def assemble(row: Chargeback, *, now: datetime) -> EvidencePack:
    """Collect the facts as they are now and store them, as JSON and PDF."""
    shares = list(row.shares.order_by("order_id"))
    refunds = list_refunds([share.order_id for share in shares])
    facts = facts_of(
        chargeback={
            "chargeback": row.provider_ref, "charge": str(row.charge_id), "amount": str(row.amount),
            "reason": row.reason, "captured_at": row.charge.captured_at.isoformat() if row.charge.captured_at else None,
        },
        orders=[_collect(share.order_id) for share in shares],
        refunds=[(refund.created_at, str(refund.amount)) for refund in refunds],
        statements=[statement.text for statement in row.statements.order_by("id")],
    )  # fmt: skip
    return EvidencePack.objects.create(
        id=new_id(), chargeback=row, facts=facts, document=render(facts), assembled_at=now
    )


def _collect(order_id: UUID) -> OrderEvidence:
    known = _source.collect(order_id) if _source is not None else None
    if known is not None:
        return known
    escrow = selectors.get_escrow_of(order_id)
    return OrderEvidence(
        order_id=order_id, number=order_number(order_id), seller_name="", buyer_name="", placed_at=escrow.created_at,
        paid_at=None, total=escrow.amount, lines=(), delivery_address="", parcels=(), messages=(),
    )  # fmt: skip


def submit_due_evidence(*, now: datetime, limit: int = 20) -> int:
    """Answer the chargebacks whose time has come; returns how many were tried. Safe to repeat and in many processes."""
    ensure_outside_transaction()
    due = selectors.list_to_answer(now, limit)
    for chargeback_id in due:
        try:
            _submit(chargeback_id, now=now)
        except Exception:
            log.exception("evidence_not_submitted", chargeback=str(chargeback_id))
    return len(due)


def submit_evidence(*, chargeback_id: UUID, actor: Actor, now: datetime) -> None:
    """The operator has it answered now, outside of transactions. Raises NotAllowed, ChargebackNotFound,
    ChargebackClosed.
    """
    ensure_outside_transaction()
    if not actor.is_operator:
        raise NotAllowed()
    if not _submit(chargeback_id, now=now):
        raise ChargebackClosed()


def _submit(chargeback_id: UUID, *, now: datetime) -> bool:
    """Lease and store the pack, commit, call with the pack's id as key, record. False: nothing to answer."""
    with transaction.atomic():
        row = selectors.lock_chargeback(chargeback_id)
        if row.state not in ANSWERABLE:
            return False
        attempts = row.submit_attempts + 1
        Chargeback.objects.filter(id=row.id).update(submit_at=now + LEASE, submit_attempts=attempts)
        pack = row.packs.filter(assembled_at=now).first() or assemble(row, now=now)
    result = _ask(row, pack, now=now)
    if result.outcome in (Outcome.SUCCEEDED, Outcome.PENDING) and not result.code:
        services.mark_answered(chargeback_id=chargeback_id, actor=CLOCK, now=now)
        return True
    later = now + FIRST_RETRY * 2 ** min(attempts, MAX_DOUBLINGS)
    Chargeback.objects.filter(id=row.id).update(submit_at=later, last_error=result.code[:500])
    return True


def _ask(row: Chargeback, pack: EvidencePack, *, now: datetime) -> ProviderResult:
    facts: Mapping[str, Any] = pack.facts
    try:
        return get_provider(row.provider).submit_evidence(
            idempotency_key=str(pack.id), dispute_ref=row.provider_ref, document=bytes(pack.document), facts=facts,
            now=now,
        )  # fmt: skip
    except ProviderTimeout as error:
        return ProviderResult(Outcome.PENDING, "", code=str(error) or "no answer")


def render(facts: Mapping[str, Any]) -> bytes:
    """The facts on paper."""
    styles = getSampleStyleSheet()
    story: list[Flowable] = [Paragraph(escape(_("Evidence for chargeback %s") % facts["chargeback"]), styles["Title"])]
    for label, text in _document(facts):
        style = styles["BodyText"] if label else styles["Heading2"]
        story.append(Paragraph(f"<b>{escape(label)}</b> {escape(text)}" if label else escape(text), style))
    story.append(Spacer(1, 12))
    target = io.BytesIO()
    SimpleDocTemplate(target, pagesize=A4, title=str(facts["chargeback"])).build(story)
    return target.getvalue()


def _document(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(label, text) rows; a row without a label is a heading."""
    rows = [(_("Amount"), facts["amount"]), (_("Reason given"), facts["reason"]),
            (_("Paid"), facts["captured_at"] or "-"), (_("Delivered"), facts["delivered_at"] or "-")]  # fmt: skip
    for text in facts["statements"]:
        rows += [("", _("Statement of the seller")), (">", text)]
    for order in facts["orders"]:
        rows += [("", _("Order %s") % order["number"]), (_("Sold by"), order["seller"]), (_("Bought by"), order["buyer"]),
                 (_("Sent to"), order["delivery_address"]), (_("Total"), order["total"])]  # fmt: skip
        rows += [(f"{line['quantity']} ×", f"{line['title']}: {line['amount']}") for line in order["lines"]]
        for parcel in order["parcels"]:
            rows.append((_("Parcel"), f"{parcel['carrier']} {parcel['tracking_number']}"))
            rows += [(event["at"], event["text"]) for event in parcel["events"]]
        rows += [(f"{said['at']} {said['from']}", said["text"]) for said in order["messages"]]
    for refund in facts["refunds"]:
        rows.append((_("Refunded"), f"{refund['amount']} {refund['at']}"))
    return rows
