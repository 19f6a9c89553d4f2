"""Documents as PDF (A4), made anew from the frozen content whenever somebody asks; in the reader's language."""

from __future__ import annotations

import io
from typing import Any
from xml.sax.saxutils import escape

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from core.money import Money
from core.web.money_format import format_money
from payments.documents.models import Document

_WIDTHS = [300, 60, 120]


def kind_words(kind: str) -> str:
    words = {"INVOICE": _("Invoice"), "CREDIT_NOTE": _("Credit note"), "FEE_STATEMENT": _("Fee statement")}
    return words.get(kind, kind)


def render_pdf(document: Document) -> bytes:
    """The same document gives the same bytes in one language."""
    styles = getSampleStyleSheet()
    content = document.content
    title = f"{kind_words(document.kind)} {document.number}"
    story: list[Any] = [Paragraph(escape(title), styles["Title"])]
    story += [Paragraph(escape(line), styles["Normal"]) for line in _head(document)]
    story += [Spacer(1, 12), _parties(content, styles), Spacer(1, 16), _lines(document), Spacer(1, 12)]
    story += [Paragraph(escape(note), styles["Normal"]) for note in notes(document)]
    out = io.BytesIO()
    SimpleDocTemplate(out, pagesize=A4, title=title, author=content["issuer"]["name"], invariant=1).build(story)
    return out.getvalue()


def _head(document: Document) -> list[str]:
    content = document.content
    lines = [_("Issued on %(day)s") % {"day": date_format(document.issued_at, "DATE_FORMAT")}]
    if content.get("order_number"):
        lines.append(_("Order %(number)s") % {"number": content["order_number"]})
    if content.get("po_number"):
        lines.append(_("Your purchase order number: %(number)s") % {"number": content["po_number"]})
    if content.get("supplied_on") and document.kind == "INVOICE":
        lines.append(_("Date of supply: %(day)s") % {"day": content["supplied_on"]})
    if content.get("corrects"):
        lines.append(_("Corrects invoice %(number)s") % {"number": content["corrects"]})
    if document.period:
        lines.append(_("For %(month)s") % {"month": document.period})
    return lines


def _parties(content: dict[str, Any], styles: Any) -> Table:
    cells = [
        [Paragraph(f"<b>{escape(label)}</b><br/>{_address(content[side])}", styles["Normal"])
         for label, side in ((_("From"), "issuer"), (_("To"), "recipient"))]
    ]  # fmt: skip
    return Table(cells, colWidths=[240, 240])


def _address(party: dict[str, str]) -> str:
    rows = [party["name"], party["street"], f"{party['postcode']} {party['town']}".strip(), party["country"]]
    if party["tax_number"]:
        rows.append(_("VAT number %(number)s") % {"number": party["tax_number"]})
    return "<br/>".join(escape(row) for row in rows if row)


def line_words(title: str) -> str:
    words = {
        "": _("Refund"),
        "COMMISSION": _("Commission on released orders"),
        "INSTANT_PAYOUTS": _("Fees of instant payouts"),
    }
    return words.get(title, title)


def _lines(document: Document) -> Table:
    content, currency = document.content, document.currency
    rows = [[_("What"), _("Number"), _("Amount")]]
    items = [(line_words(line["title"]), line["quantity"], line["amount"]) for line in content["lines"]]
    if content.get("shipping"):
        items.append((_("Delivery"), 1, content["shipping"]))
    rows += [[title[:70], str(count), format_money(Money(minor, currency))] for title, count, minor in items]
    taxes = [(share["basis_points"], share["tax"]) for share in content.get("rates", ())]
    taxes = taxes or [(content["rate"], document.tax.minor)]
    rows.append([_("Without VAT"), "", format_money(document.gross - document.tax)])
    for rate, tax in taxes:
        rows.append([_("VAT %(rate)s %%") % {"rate": f"{rate / 100:g}"}, "", format_money(Money(tax, currency))])
    rows.append([_("Total"), "", format_money(document.gross)])
    sums = -2 - len(taxes)
    table = Table(rows, colWidths=_WIDTHS, repeatRows=1)
    table.setStyle(
        TableStyle([
            ("ALIGN", (1, 0), (-1, -1), "RIGHT"), ("LINEBELOW", (0, 0), (-1, 0), 0.5, "black"),
            ("LINEABOVE", (0, sums), (-1, sums), 0.5, "black"), ("FONTNAME", (0, -1), (-1, -1), "Helvetica-Bold"),
        ])
    )  # fmt: skip
    return table


def notes(document: Document) -> list[str]:
    """What the law wants to be said about the VAT."""
    words = {
        "REVERSE_CHARGE": _("Reverse charge: the customer owes the VAT (art. 196 of directive 2006/112/EC)."),
        "EXPORT": _("Exported from the European Union: no VAT (art. 146 of directive 2006/112/EC)."),
        "OUTSIDE": _("Not subject to VAT of the European Union."),
    }
    said = [words[document.content["treatment"]]] if document.content["treatment"] in words else []
    if document.tax_remittance == "PLATFORM" and document.kind != "FEE_STATEMENT":
        said.append(_("The marketplace pays the VAT of this sale as deemed supplier."))
    return said
