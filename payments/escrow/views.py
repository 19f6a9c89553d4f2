"""The money panel of an order: "where is my money now"."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.errors import NotFound
from core.web.requests import actor_of
from payments.contracts import EscrowState, EscrowView, MoneyMovement
from payments.escrow import milestones, selectors
from payments.escrow.receipt import explain

S = EscrowState
_RANK = {S.CREATED: 0, S.FUNDED: 1, S.SHIPPED: 2, S.DELIVERED: 3, S.DISPUTED: 3}


@require_safe
def order_money(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """For the buyer, the seller and operators; a fragment for htmx, a page otherwise."""
    actor = actor_of(request)
    try:
        escrow = selectors.get_escrow_view_for(order_id, actor)
    except NotFound as error:
        raise Http404 from error
    lines = selectors.list_line_views(order_id)
    parted = any((line.released or line.refunded or line.frozen) and line.held for line in lines)
    context = {
        "escrow": escrow,
        "steps": escrow_steps(escrow),
        "entries": [timeline_entry(move) for move in selectors.money_timeline(order_id)],
        "reasons": explain(escrow),
        "lines": lines if parted and len(lines) > 1 else (),
        "milestones": milestones.list_milestones(order_id),
        "is_seller": actor.acts_for(escrow.seller_id),
    }
    embedded = request.headers.get("HX-Request") == "true"
    template = "payments/order_money_panel.html" if embedded else "payments/order_money.html"
    return render(request, template, context)


def escrow_steps(escrow: EscrowView) -> list[dict[str, Any]]:
    """The escrow stepper: paid, held, shipped, delivered, released; its last step says how it ended."""
    ends = {S.REFUNDED: _("Refunded"), S.SETTLED: _("Settled"), S.CANCELLED: _("Cancelled")}
    labels = [_("Paid"), _("Shipped"), _("Delivered"), ends.get(escrow.state, _("Released"))]
    if escrow.state is S.DISPUTED:
        labels[2] = _("At the bank") if escrow.charged_back else _("In dispute")
    done = _RANK.get(escrow.state, 4)
    return [
        {"label": label, "note": "", "state": "done" if i < done else "now" if i == done else "todo"}
        for i, label in enumerate(labels)
    ]


def timeline_entry(move: MoneyMovement) -> dict[str, Any]:
    titles = {
        "FUND": _("Paid by the buyer, held safely"),
        "RELEASE": _("Released to the seller"),
        "FEE": _("Commission"),
        "FREEZE": _("Frozen by a dispute"),
        "THAW": _("No longer frozen"),
        "CHARGEBACK": _("Claimed by the buyer's bank"),
        "CHARGEBACK_WON": _("Given up by the buyer's bank"),
        "REFUND": _("On its way back to the buyer"),
        "CLAIM": _("Given back by the seller"),
        "FEE_BACK": _("Commission given back"),
        "REFUND_PAID": _("Back with the buyer"),
        "CREDITED": _("Credited to the buyer"),
    }
    tones = {
        "FUND": "held", "RELEASE": "available", "REFUND": "moving", "CLAIM": "moving", "FEE_BACK": "moving",
        "FREEZE": "owed", "CHARGEBACK": "owed",
    }  # fmt: skip
    return {
        "title": titles[move.code], "amount": move.amount, "at": move.at, "tone": tones.get(move.code, "neutral")
    }  # fmt: skip
