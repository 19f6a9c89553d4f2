"""The operator's overview on the first page of the admin."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from analytics.reports.selectors import HouseFigures, get_house_figures
from core.clock import utc_now
from core.web.money_format import format_money


def operator_overview(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Fills the dashboard: what waits for somebody, where the money is, how the days went (unfold's callback)."""
    figures = get_house_figures(now=utc_now())
    context.update(
        dashboard_template="analytics/operator_overview.html", house_figures=_cards(figures), house_chart=_chart(figures),
        house_states={"headers": [_("State"), _("Orders")], "rows": [list(row) for row in _states(figures)]},
    )  # fmt: skip
    return context


def _cards(figures: HouseFigures) -> list[tuple[str, str, str]]:
    """(label, value, address or empty)."""
    return [
        (_("Paid in 30 days"), format_money(figures.revenue), ""),
        (_("Held in escrow"), format_money(figures.held), ""),
        (_("Orders in dispute"), str(figures.disputed), ""),
        (_("Shops to verify"), str(figures.to_verify), ""),
        (_("Parked events"), str(figures.parked), reverse("admin:core_delivery_changelist")),
    ]


def _chart(figures: HouseFigures) -> str:
    """Data of the bar chart, in whole currency units."""
    return json.dumps({
        "labels": [date_format(day, "j M") for day, _orders, _amount in figures.sales],
        "datasets": [{
            "label": f"{_('Revenue')} ({figures.revenue.currency})",
            "data": [amount.minor // 100 for _day, _orders, amount in figures.sales],
        }],
    })  # fmt: skip


def _states(figures: HouseFigures) -> list[tuple[str, int]]:
    labels = {
        "AWAITING_PAYMENT": _("Waiting for payment"), "PAID": _("Paid, to be shipped"), "PARTLY_SHIPPED": _("Partly on its way"),
        "SHIPPED": _("On its way"),
        "DELIVERED": _("Delivered"), "DISPUTED": _("In dispute"), "COMPLETED": _("Completed"),
        "CANCELLED": _("Cancelled"), "REFUNDED": _("Refunded"),
    }  # fmt: skip
    return [(labels.get(state, state), count) for state, count in figures.orders_by_state]
