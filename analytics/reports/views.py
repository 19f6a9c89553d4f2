"""The seller's dashboard and its daily figures as a file."""

from __future__ import annotations

import csv
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from analytics.contracts import Overview
from analytics.reports import selectors
from core.clock import utc_now
from core.web.fragments import remembered
from core.web.money_format import format_money
from core.web.requests import actor_of, member_required
from marketplace import facade as marketplace
from payments import facade as payments
from trust import facade as trust
from trust.contracts import ScorecardView

DEFAULT_PERIOD = 30


@member_required
@require_GET
def seller_dashboard(request: HttpRequest) -> HttpResponse:
    """What to do now, where the money is, and how the shop does over 7, 30 or 90 days."""
    seller = marketplace.find_seller(actor_of(request).organisation_id)
    if seller is None:
        return redirect("sell")
    days, now = _period(request), utc_now()
    figures = selectors.get_overview(seller_id=seller.seller_id, days=days, now=now)
    counts = marketplace.count_orders_by_state(seller.seller_id)
    context = {
        "seller": seller, "days": days, "periods": selectors.PERIODS, "now": now, "figures": figures,
        "to_ship": marketplace.list_orders_to_ship(seller.seller_id), "to_ship_count": counts.get("PAID", 0),
        "disputed_count": counts.get("DISPUTED", 0), "shipped_count": counts.get("SHIPPED", 0),
        "delivered_count": counts.get("DELIVERED", 0), "balances": payments.list_seller_balances(seller.seller_id),
        "payouts": payments.list_payouts(seller.seller_id, 3), "sales": _sales_series(figures),
        "funnel": _funnel(figures), **_reputation(trust.scorecard(seller.seller_id)),
        "top": selectors.list_top_figures(seller_id=seller.seller_id, days=days, now=now),
    }  # fmt: skip
    return render(request, "analytics/seller_dashboard.html", context)


@member_required
@require_GET
def daily_export(request: HttpRequest) -> HttpResponse:
    """The seller's daily figures as CSV; amounts in minor units."""
    seller = marketplace.find_seller(actor_of(request).organisation_id)
    if seller is None:
        return redirect("sell")
    figures = selectors.get_overview(seller_id=seller.seller_id, days=_period(request), now=utc_now())
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="daily-figures.csv"'
    writer = csv.writer(response)
    writer.writerow(["day", "impressions", "clicks", "views", "cart_adds", "orders", "units", "revenue_minor",
                     "currency"])  # fmt: skip
    for day in figures.days:
        seen = day.behaviour
        writer.writerow([day.day.isoformat(), seen.impressions, seen.clicks, seen.views, seen.cart_adds, day.orders,
                         day.units, day.revenue.minor, day.revenue.currency])  # fmt: skip
    return response


def _period(request: HttpRequest) -> int:
    text = request.GET.get("days", "")
    return int(text) if text in {str(p) for p in selectors.PERIODS} else DEFAULT_PERIOD


def _reputation(card: ScorecardView | None) -> dict[str, Any]:
    if card is None:
        return {"card": None}
    shares = (
        (_("Delivery promises kept"), card.promise_kept_bp), (_("Handed over in time"), card.on_time_bp),
        (_("Orders in dispute"), card.dispute_rate_bp), (_("Orders cancelled by the shop"), card.cancel_rate_bp),
    )  # fmt: skip
    return {
        "card": card, "rating_stars": card.rating_hundredths / 100,
        "shares": [(name, None if bp is None else bp / 100) for name, bp in shares],
    }  # fmt: skip


def _sales_series(figures: Overview) -> list[tuple[str, int, str]]:
    return [(_short(d.day), d.revenue.minor, format_money(d.revenue)) for d in figures.days]


@remembered
def _short(day: date) -> str:
    return date_format(day, "j M")


def _funnel(figures: Overview) -> list[tuple[str, Any]]:
    seen = figures.behaviour
    return [
        (_("Seen in results"), seen.impressions), (_("Opened"), seen.views), (_("Put into a cart"), seen.cart_adds),
        (_("Ordered"), figures.orders),
    ]  # fmt: skip
