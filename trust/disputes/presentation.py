"""What the pages of a dispute show: for the parties and for the operator."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from core.web.money_format import format_money
from marketplace.contracts import OrderState, OrderView
from payments import facade as payments
from trust.contracts import DisputeParty, DisputeReason, DisputeState, DisputeWish
from trust.disputes import selectors
from trust.disputes.forms import EvidenceForm, MessageForm
from trust.disputes.labels import PARTIES, REASONS, STATES, TONES, WISHES
from trust.disputes.models import Dispute
from trust.disputes.rules import operator_looks_from

DISPUTABLE = frozenset({OrderState.PARTLY_SHIPPED, OrderState.SHIPPED, OrderState.DELIVERED})
PARTY_TONES = {DisputeParty.BUYER: "moving", DisputeParty.SELLER: "held", DisputeParty.OPERATOR: "brand"}


def page_context(order: OrderView, dispute: Dispute | None) -> dict[str, Any]:
    """What the page and the panel of an order's dispute show."""
    can_open = order.state in DISPUTABLE
    context: dict[str, Any] = {"order": order, "dispute": dispute, "can_open": can_open}
    if dispute is None:
        return context
    state, labels = DisputeState(dispute.state), line_labels(order)
    return context | {
        "disputed_lines": [labels.get(ref, ref) for ref in dispute.lines],
        "state_label": STATES[state], "state_tone": TONES[state], "reason_label": REASONS[DisputeReason(dispute.reason)],
        "wish_label": WISHES[DisputeWish(dispute.wish)], "thread": thread_of(dispute), "steps": steps_of(dispute),
        "files": [{"file": f, "party": PARTIES[DisputeParty(f.party)]} for f in selectors.evidence_of(dispute.id)],
        "message_form": MessageForm(), "evidence_form": EvidenceForm(), "is_open": state is DisputeState.OPEN,
        "operator_from": operator_looks_from(dispute.opened_at),
        "released": dispute.amount - dispute.refunded if dispute.refunded is not None else None,
    }  # fmt: skip


def line_labels(order: OrderView) -> dict[str, str]:
    """Ref of a line's money -> what people call it."""
    labels = {str(line.line_id): f"{line.quantity} × {line.title}" for line in order.lines}
    return labels | {"shipping": _("Delivery")}


def line_choices(order: OrderView) -> list[tuple[str, str]]:
    """What a dispute can be about: the lines of which something is still held and not frozen."""
    if order.state not in DISPUTABLE:
        return []
    labels = line_labels(order)
    return [
        (line.ref, f"{labels.get(line.ref, line.ref)}, {format_money(line.held - line.frozen)}")
        for line in payments.list_escrow_lines(order.order_id)
        if line.held > line.frozen
    ]


def thread_of(dispute: Dispute) -> list[dict[str, Any]]:
    """Timeline entries of what was said, oldest first."""
    first = {"title": PARTIES[DisputeParty.BUYER], "note": dispute.description, "at": dispute.opened_at,
             "tone": PARTY_TONES[DisputeParty.BUYER]}  # fmt: skip
    said = [
        {
            "title": PARTIES[DisputeParty(m.party)],
            "note": m.text,
            "at": m.at,
            "tone": PARTY_TONES[DisputeParty(m.party)],
        }
        for m in selectors.messages_of(dispute.id)
    ]
    return [first, *said]


def steps_of(dispute: Dispute) -> list[dict[str, Any]]:
    """The stepper of a dispute: opened, talk, the operator looks, settled."""
    is_open = dispute.state == DisputeState.OPEN
    ended = _("Withdrawn") if dispute.state == DisputeState.WITHDRAWN else _("Decided")
    return [
        {"label": _("Opened"), "note": _day(dispute.opened_at), "state": "done"},
        {"label": _("Talk"), "note": "", "state": "now" if is_open else "done"},
        {"label": ended, "note": _day(dispute.closed_at), "state": "todo" if is_open else "done"},
    ]


def _day(moment: datetime | None) -> str:
    return date_format(localtime(moment), "j M, H:i") if moment else ""
