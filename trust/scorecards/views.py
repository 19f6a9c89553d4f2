"""The seller's reputation page: each figure, its limit and the orders behind it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from core.clock import utc_now
from core.web.requests import actor_of, member_required
from marketplace import facade as marketplace
from trust.scorecards import selectors
from trust.scorecards.models import FactKind, Scorecard
from trust.scorecards.rules import POLICY

SHOWN = 20


@member_required
@require_GET
def reputation(request: HttpRequest) -> HttpResponse:
    """What buyers see about this seller, why, and what would be good."""
    seller = marketplace.find_seller(actor_of(request).organisation_id)
    if seller is None:
        return redirect("sell")
    card = selectors.find_scorecard(seller.seller_id)
    context: dict[str, Any] = {"card": card, "policy": POLICY}
    if card is not None:
        context |= {"rating": card.rating_hundredths / 100, "figures": _figures(card)} | _orders_behind(
            seller.seller_id
        )
    return render(request, "trust/reputation.html", context)


def _figures(card: Scorecard) -> list[dict[str, Any]]:
    facts = card.facts
    return [
        _figure(_("Delivery promises kept"), card.promise_kept_bp, POLICY.promise_kept_at_least_bp, True,
                facts["promises_kept"], facts["promises"]),
        _figure(_("Handed over in time"), card.on_time_bp, POLICY.on_time_at_least_bp, True, facts["shipped_on_time"],
                facts["shipped"]),
        _figure(_("Disputes lost"), card.dispute_rate_bp, POLICY.dispute_rate_at_most_bp, False,
                facts["lost_disputes"], facts["orders"]),
        _figure(_("Cancelled by you"), card.cancel_rate_bp, POLICY.cancel_rate_at_most_bp, False,
                facts["cancelled_by_seller"], facts["orders"]),
    ]  # fmt: skip


def _figure(label: str, value: int | None, limit: int, at_least: bool, part: int, whole: int) -> dict[str, Any]:
    fine = value is None or (value >= limit if at_least else value <= limit)
    return {
        "label": label, "percent": None if value is None else value / 100, "limit": limit / 100, "at_least": at_least,
        "is_fine": fine, "part": part, "whole": whole,
    }  # fmt: skip


def _orders_behind(seller_id: UUID) -> dict[str, Any]:
    """The orders that count against the seller, newest first, at most SHOWN of a kind."""
    since = utc_now() - timedelta(days=POLICY.window_days)
    late = selectors.facts_since(seller_id, since=since, kind=FactKind.SHIPPED_LATE)
    cancelled = selectors.facts_since(seller_id, since=since, kind=FactKind.CANCELLED_BY_SELLER)
    return {
        "late": late[:SHOWN], "cancelled": cancelled[:SHOWN],
        "lost": selectors.lost_disputes_since(seller_id, since=since)[:SHOWN],
    }  # fmt: skip
