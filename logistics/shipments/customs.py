"""Customs papers of a parcel that crosses a customs border: CN 23 and a commercial invoice, as one PDF.

CN 23: the form of the Universal Postal Union (Convention Regulations, forms). The invoice names what every customs office asks for:
both parties, goods with tariff number, origin, weight and value, and the reason of the export.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from core.money import Money
from logistics.contracts import Address, CustomsLine
from logistics.shipments.label_output import printable
from logistics.shipments.rules import masked_phone

MARGIN: Final = 40
WIDTH: Final = A4[0] - 2 * MARGIN
ROW: Final = 16
LINES_A_PAGE: Final = 20
#: left edges of the columns: goods, pieces, net kg, value, tariff number, origin
COLUMNS: Final = (0, 235, 275, 330, 410, 475)
HEADS: Final = ("Description of contents", "Pieces", "Net kg", "Value", "HS tariff no.", "Origin")


@dataclass(frozen=True, slots=True)
class Papers:
    """What both forms say. Weights in grams; `gross_grams` of the whole parcel."""

    waybill: str
    reference: str
    made_on: date
    sender: Address
    recipient: Address
    lines: Sequence[CustomsLine]
    gross_grams: int
    postage: Money

    @property
    def total(self) -> Money:
        return Money(sum(line.value.minor for line in self.lines), self.lines[0].value.currency)


def render_papers(papers: Papers) -> bytes:
    """Two forms, each as many pages as the goods need; the same bytes for the same papers."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4, pageCompression=0, invariant=1)
    canvas.setTitle(f"Customs {papers.waybill}")
    for draw in (_cn23, _invoice):
        for start in range(0, len(papers.lines), LINES_A_PAGE):
            draw(canvas, papers, papers.lines[start : start + LINES_A_PAGE])
            canvas.showPage()
    canvas.save()
    return file.getvalue()


def _cn23(canvas: Canvas, papers: Papers, lines: Sequence[CustomsLine]) -> None:
    y = _head(canvas, "CUSTOMS DECLARATION", "CN 23 / DÉCLARATION EN DOUANE", f"Item number: {papers.waybill}")
    y = _parties(canvas, papers, y)
    y = _goods(canvas, lines, y)
    y = _facts(canvas, y, (
        ("Category of item", "Sale of goods"), ("Total gross weight", f"{papers.gross_grams / 1000:.3f} kg"),
        ("Total value", _told(papers.total)), ("Postal charges", _told(papers.postage)),
        ("Sender's reference", papers.reference),
    ))  # fmt: skip
    _signed(canvas, y, papers, (
        "I certify that the particulars given in this customs declaration are correct and that this item does not contain"
        " any dangerous", "article or articles prohibited by legislation or by postal or customs regulations.",
    ))  # fmt: skip


def _invoice(canvas: Canvas, papers: Papers, lines: Sequence[CustomsLine]) -> None:
    y = _head(canvas, "COMMERCIAL INVOICE", papers.reference, f"{papers.made_on:%d %B %Y}")
    y = _parties(canvas, papers, y)
    y = _goods(canvas, lines, y)
    y = _facts(canvas, y, (
        ("Waybill", papers.waybill), ("Reason for export", "Sale"), ("Goods", _told(papers.total)),
        ("Freight", _told(papers.postage)), ("Total gross weight", f"{papers.gross_grams / 1000:.3f} kg"),
    ))  # fmt: skip
    _signed(canvas, y, papers, ("I declare that the information on this invoice is true and correct.",))


def _told(amount: Money) -> str:
    """The same in every language."""
    return f"{amount.decimal} {amount.currency}"


def _head(canvas: Canvas, title: str, left: str, right: str) -> float:
    y = A4[1] - MARGIN - 14
    canvas.setFont("Helvetica-Bold", 15)
    canvas.drawString(MARGIN, y, title)
    canvas.setFont("Helvetica", 9)
    canvas.drawString(MARGIN, y - 14, printable(left))
    canvas.drawRightString(MARGIN + WIDTH, y, printable(right))
    canvas.line(MARGIN, y - 22, MARGIN + WIDTH, y - 22)
    return y - 40


def _parties(canvas: Canvas, papers: Papers, y: float) -> float:
    for word, at, x in (("From", papers.sender, MARGIN), ("To", papers.recipient, MARGIN + WIDTH / 2)):
        canvas.setFont("Helvetica-Bold", 9)
        canvas.drawString(x, y, word)
        canvas.setFont("Helvetica", 9)
        town = " ".join(part for part in (at.postcode, at.city, at.region) if part)
        told = (at.name, at.street, town, at.country, masked_phone(at.phone))
        for number, text in enumerate((text for text in told if text), start=1):
            canvas.drawString(x, y - 12 * number, printable(text)[:52])
    return y - 84


def _goods(canvas: Canvas, lines: Sequence[CustomsLine], y: float) -> float:
    canvas.setFont("Helvetica-Bold", 8)
    for x, word in zip(COLUMNS, HEADS, strict=True):
        canvas.drawString(MARGIN + x, y, word)
    canvas.line(MARGIN, y - 4, MARGIN + WIDTH, y - 4)
    canvas.setFont("Helvetica", 8)
    for line in lines:
        y -= ROW
        told = (
            line.description[:50], str(line.quantity), f"{line.net_grams / 1000:.3f}", _told(line.value),
            line.hs_code, line.origin_country,
        )  # fmt: skip
        for x, text in zip(COLUMNS, told, strict=True):
            canvas.drawString(MARGIN + x, y, printable(text))
    canvas.line(MARGIN, y - 6, MARGIN + WIDTH, y - 6)
    return y - 24


def _facts(canvas: Canvas, y: float, facts: Sequence[tuple[str, str]]) -> float:
    for name, text in facts:
        canvas.setFont("Helvetica-Bold", 9)
        canvas.drawString(MARGIN, y, name)
        canvas.setFont("Helvetica", 9)
        canvas.drawString(MARGIN + 130, y, printable(text))
        y -= 14
    return y - 10


def _signed(canvas: Canvas, y: float, papers: Papers, words: Sequence[str]) -> None:
    canvas.setFont("Helvetica", 8)
    for text in words:
        canvas.drawString(MARGIN, y, text)
        y -= 11
    canvas.drawString(MARGIN, y - 26, f"Date: {papers.made_on:%d %B %Y}")
    canvas.line(MARGIN + WIDTH / 2, y - 28, MARGIN + WIDTH, y - 28)
    canvas.drawString(MARGIN + WIDTH / 2, y - 38, "Signature of the sender")
