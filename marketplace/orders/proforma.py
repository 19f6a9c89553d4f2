"""A pro-forma invoice as PDF (A4): what a purchase will cost, for those who need a paper before they pay. Not an invoice."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from core.identity.countries import country_name
from core.web.money_format import format_money
from marketplace.addresses.rules import address_lines
from marketplace.orders.models import Order, Purchase

_STYLES = getSampleStyleSheet()


def render_proforma(purchase: Purchase, orders: Sequence[Order], *, buyer: str, vat_number: str) -> bytes:
    """The same purchase gives the same bytes in one language."""
    title = _("Pro-forma invoice %(number)s") % {"number": purchase.number}
    story: list[Any] = [Paragraph(escape(title), _STYLES["Title"])]
    story += [Paragraph(escape(line), _STYLES["Normal"]) for line in _head(purchase, buyer, vat_number)]
    for order in orders:
        story += [Spacer(1, 16), Paragraph(escape(_seller(order)), _STYLES["Heading3"]), _lines(order)]
    total = _("Total, VAT included: %(amount)s") % {"amount": format_money(purchase.total)}
    story += [Spacer(1, 16), Paragraph(f"<b>{escape(total)}</b>", _STYLES["Normal"])]
    story += [
        Paragraph(escape(_("This is not an invoice: each seller issues one when it is paid.")), _STYLES["Normal"])
    ]
    out = io.BytesIO()
    SimpleDocTemplate(out, pagesize=A4, title=title, invariant=1).build(story)
    return out.getvalue()


def _head(purchase: Purchase, buyer: str, vat_number: str) -> list[str]:
    return [
        _("Of %(day)s") % {"day": date_format(localtime(purchase.placed_at), "DATE_FORMAT")}, buyer,
        *([_("VAT number %(number)s") % {"number": vat_number}] if vat_number else []),
        *([_("Purchase order number: %(number)s") % {"number": purchase.po_number}] if purchase.po_number else []),
        ", ".join([*address_lines(purchase.address), country_name(purchase.address.country)]),
    ]  # fmt: skip


def _seller(order: Order) -> str:
    vat = f", {order.seller.vat_number}" if order.seller.vat_number else ""
    return f"{order.seller.legal_name or order.seller.name}{vat} · {order.number}"


def _lines(order: Order) -> Table:
    rows = [[_("What"), _("Number"), _("Amount")]]
    rows += [[line.title[:70], str(line.quantity), format_money(line.total)] for line in order.lines.all()]
    rows += [[_("Delivery"), "", format_money(order.shipping)], [_("Total"), "", format_money(order.total)]]
    table = Table(rows, colWidths=[300, 60, 120], repeatRows=1)
    table.setStyle(
        TableStyle([("ALIGN", (1, 0), (-1, -1), "RIGHT"), ("LINEBELOW", (0, 0), (-1, 0), 0.5, "black")])
    )  # fmt: skip
    return table
