"""A manifest on paper: its number as a barcode, every parcel, the totals, and two lines to sign."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext
from reportlab.graphics.barcode.code128 import Code128
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from logistics.contracts import Address
from logistics.manifests.models import Manifest, ManifestLine
from logistics.shipments.label_output import printable

MARGIN: Final = 42
ROW: Final = 15
LINES_A_PAGE: Final = 36
COLUMNS: Final = (0, 28, 128, 268, 388, 440)
"""Left edges: position, waybill, the carrier's number, reference, pieces, weight."""


def render_manifest(manifest: Manifest, lines: Sequence[ManifestLine], sender: Address) -> bytes:
    """A4 pages in the active language; the same bytes for the same manifest."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4, pageCompression=0, invariant=1)
    canvas.setTitle(manifest.number)
    pages = [lines[start : start + LINES_A_PAGE] for start in range(0, len(lines), LINES_A_PAGE)]
    for number, page in enumerate(pages, start=1):
        y = _head(canvas, manifest, sender, f"{number}/{len(pages)}")
        y = _rows(canvas, page, y)
        if number == len(pages):
            _foot(canvas, manifest, y)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def _head(canvas: Canvas, manifest: Manifest, sender: Address, page: str) -> float:
    top = A4[1] - MARGIN
    _text(canvas, MARGIN, top - 14, gettext("Manifest"), size=18, bold=True)
    _text(canvas, MARGIN, top - 32, f"{manifest.carrier.name} · {_moment(manifest)} · {page}", size=10)
    _text(canvas, MARGIN, top - 50, f"{sender.name}, {sender.street}, {sender.postcode} {sender.city}", size=9)
    bars = Code128(manifest.number, barHeight=34, barWidth=1.15, quiet=True)
    bars.drawOn(canvas, A4[0] - MARGIN - bars.width, top - 36)
    canvas.setFont("Helvetica-Bold", 10)
    canvas.drawRightString(A4[0] - MARGIN - 12, top - 50, manifest.number)
    return top - 78


def _moment(manifest: Manifest) -> str:
    return date_format(localtime(manifest.made_at), "j M Y, H:i")


def _rows(canvas: Canvas, lines: Sequence[ManifestLine], y: float) -> float:
    heads = (
        "", gettext("Parcel"), gettext("The carrier's number"), gettext("Reference"), gettext("Pieces"),
        gettext("Weight, kg"),
    )  # fmt: skip
    _row(canvas, y, heads, bold=True)
    canvas.line(MARGIN, y - 4, A4[0] - MARGIN, y - 4)
    for line in lines:
        y -= ROW
        shipment = line.shipment
        _row(canvas, y, (
            str(line.position), shipment.waybill, shipment.carrier_number[:24], shipment.reference[:20],
            str(line.parcels), f"{line.weight_grams / 1000:.3f}",
        ))  # fmt: skip
    return y - ROW


def _foot(canvas: Canvas, manifest: Manifest, y: float) -> None:
    canvas.line(MARGIN, y + 10, A4[0] - MARGIN, y + 10)
    _row(canvas, y - 4, (
        "", gettext("Total"), "", str(manifest.shipments), str(manifest.parcels),
        f"{manifest.weight_grams / 1000:.3f}",
    ), bold=True)  # fmt: skip
    for left, words in ((0, gettext("Given by")), (270, gettext("Taken by, date and hour"))):
        canvas.line(MARGIN + left, MARGIN + 14, MARGIN + left + 230, MARGIN + 14)
        _text(canvas, MARGIN + left, MARGIN + 2, words, size=8)


def _row(canvas: Canvas, y: float, cells: Sequence[str], *, bold: bool = False) -> None:
    for left, cell in zip(COLUMNS, cells, strict=True):
        _text(canvas, MARGIN + left, y, cell, size=9, bold=bold)


def _text(canvas: Canvas, x: float, y: float, words: str, *, size: int, bold: bool = False) -> None:
    canvas.setFont("Helvetica-Bold" if bold else "Helvetica", size)
    canvas.drawString(x, y, printable(words))
