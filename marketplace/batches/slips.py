"""Packing slips of several orders in one PDF (A4), a page each. No prices: the parcel may be a gift."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from django.utils.translation import gettext as _
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from core.identity.countries import country_name
from marketplace.addresses.rules import address_lines
from marketplace.contracts import Place
from marketplace.orders.models import Order

_STYLES = getSampleStyleSheet()


def render_slips(orders: Sequence[Order]) -> bytes:
    """The same orders give the same bytes in one language."""
    story: list[Any] = []
    for order in orders:
        story += [*_slip(order), PageBreak()]
    out = io.BytesIO()
    SimpleDocTemplate(out, pagesize=A4, title=_("Packing slips"), invariant=1).build(story)
    return out.getvalue()


def _slip(order: Order) -> list[Any]:
    title = _("Packing slip %(number)s") % {"number": order.number}
    sides = ((_("From"), order.seller.address), (_("To"), order.purchase.address))
    parties = [
        [Paragraph(f"<b>{escape(label)}</b><br/>{_address(place)}", _STYLES["Normal"]) for label, place in sides]
    ]
    story = [
        Paragraph(escape(title), _STYLES["Title"]), Table(parties, colWidths=[240, 240]), Spacer(1, 16), _goods(order),
    ]  # fmt: skip
    if order.purchase.po_number:
        words = _("Purchase order number: %(number)s") % {"number": order.purchase.po_number}
        story.append(Paragraph(escape(words), _STYLES["Normal"]))
    if order.gift_note:
        story += [Spacer(1, 24), Paragraph(escape(order.gift_note).replace("\n", "<br/>"), _STYLES["Italic"])]
    return story


def _address(place: Place) -> str:
    lines = [*address_lines(place), country_name(place.country)]
    return "<br/>".join(escape(line) for line in lines)


def _goods(order: Order) -> Table:
    rows = [[_("Quantity"), _("Goods"), _("SKU")]]
    rows += [[str(line.kept), line.title[:80], line.sku] for line in order.lines.all() if line.kept]
    table = Table(rows, colWidths=[60, 320, 100], repeatRows=1)
    table.setStyle(TableStyle([("LINEBELOW", (0, 0), (-1, 0), 0.5, "black"), ("ALIGN", (0, 0), (0, -1), "RIGHT")]))
    return table
