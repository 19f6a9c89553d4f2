"""The shipping label: one layout model (4 x 6 inches, points, origin at the bottom left) and its PDF.

Zones as on the GS1 common label: A sender, B recipient (masked phone), C postcode bars (AI 420), D carrier and
waybill, E/F reference, contents and weight, G sort code (AI 403), H return note, bottom SSCC bars (AI 00) and a QR code
with the same identifiers for scanners.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from reportlab.graphics.barcode.code128 import Code128
from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel
from reportlab.pdfgen.canvas import Canvas

from logistics.contracts import Address
from logistics.shipments.rules import masked_phone

WIDTH: Final = 288.0
HEIGHT: Final = 432.0
MARGIN: Final = 12.0
FNC1: Final = "\xf1"
GROUP_SEPARATOR: Final = "\x1d"
_PLAIN: Final = str.maketrans({"ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ø": "ø", "ı": "i"})


@dataclass(frozen=True, slots=True)
class LabelData:
    """What is printed."""

    carrier_name: str
    service_name: str
    waybill: str
    carrier_number: str
    sscc: str
    reference: str
    contents: str
    weight_grams: int
    sender: Address
    recipient: Address
    position: int = 1
    pieces: int = 1

    @property
    def sort_code(self) -> str:
        """Country and the start of the postcode: what a sorter reads from afar."""
        return f"{self.recipient.country}-{''.join(self.recipient.postcode.split())[:3].upper() or '000'}"


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text, its baseline at (x, y)."""

    x: float
    y: float
    size: float
    text: str
    bold: bool = False


def layout(data: LabelData) -> tuple[list[Box], list[Text]]:
    """Everything on the label."""
    boxes = [
        *(Box(MARGIN, y, WIDTH - 2 * MARGIN, 0.8) for y in (372.0, 258.0, 206.0, 134.0)),
        *code128_boxes(_postcode_value(data), x=MARGIN + 14, y=222, height=32, module=1.1),
        *code128_boxes(f"{FNC1}00{data.sscc}", x=MARGIN + 18, y=40, height=84, module=1.3),
        *qr_boxes(_scan_text(data), x=206, y=138, size=64),
    ]
    return boxes, list(_texts(data))


def _postcode_value(data: LabelData) -> str:
    postcode = "".join(char for char in data.recipient.postcode if char.isascii() and char.isalnum()).upper()
    return f"{FNC1}420{(postcode or '0')[:12]}"


def _scan_text(data: LabelData) -> str:
    """GS1 element string: SSCC, sort code (403), recipient's country (4307) and our waybill (internal, 91)."""
    return GROUP_SEPARATOR.join(
        (f"00{data.sscc}403{data.sort_code}", f"4307{data.recipient.country}", f"91{data.waybill}")
    )


def _texts(data: LabelData) -> Iterator[Text]:
    sender, recipient = data.sender, data.recipient
    yield Text(MARGIN, 414, 6, "FROM")
    yield Text(MARGIN, 403, 8, sender.name[:44], bold=True)
    yield Text(MARGIN, 393, 8, sender.street[:48])
    yield Text(MARGIN, 383, 8, f"{sender.postcode} {sender.city} {sender.country}"[:48])
    yield Text(200, 400, 20, data.sort_code, bold=True)
    yield Text(MARGIN, 360, 6, "TO")
    yield Text(MARGIN, 343, 14, recipient.name[:32], bold=True)
    yield Text(MARGIN, 325, 12, recipient.street[:40])
    yield Text(MARGIN, 307, 14, f"{recipient.postcode} {recipient.city}"[:32], bold=True)
    yield Text(MARGIN, 290, 12, f"{recipient.region} {recipient.country}".strip()[:40])
    yield Text(MARGIN, 274, 9, masked_phone(recipient.phone))
    yield Text(MARGIN + 14, 211, 8, f"(420) {recipient.postcode}")
    yield Text(MARGIN, 190, 11, f"{data.carrier_name} · {data.service_name}"[:34], bold=True)
    yield Text(MARGIN, 177, 9, data.waybill, bold=True)
    yield Text(MARGIN, 166, 7, f"{data.carrier_number}   {data.position}/{data.pieces}")
    yield Text(MARGIN, 155, 7, f"{data.reference} · {data.contents}"[:46])
    yield Text(MARGIN, 144, 7, f"{data.weight_grams / 1000:.2f} kg · undeliverable: return to sender")
    yield Text(MARGIN + 18, 26, 10, f"(00) {data.sscc}", bold=True)
    yield Text(MARGIN, 10, 6, "Lonja demo network · not a licensed GS1 prefix")


def code128_boxes(value: str, *, x: float, y: float, height: float, module: float) -> Iterator[Box]:
    """The bars of a Code 128 symbol; `value` starts with FNC1 for GS1-128. Module width in points."""
    code = Code128(value, quiet=0)
    code.validate()  # type: ignore[no-untyped-call]
    code.encode()  # type: ignore[no-untyped-call]
    code.decompose()  # type: ignore[no-untyped-call]
    for letter in code.decomposed:
        width = (ord(letter.lower()) - ord("a") + 1) * module
        if letter.isupper():
            yield Box(x, y, width, height)
        x += width


def qr_boxes(text: str, *, x: float, y: float, size: float) -> Iterator[Box]:
    """The dark modules of a QR code (error correction M), runs within a row merged."""
    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(text)
    code.make()
    count = code.getModuleCount()  # type: ignore[no-untyped-call]
    module = size / count
    for row in range(count):
        start = None
        for column in range(count + 1):
            dark = column < count and code.isDark(row, column)  # type: ignore[no-untyped-call]
            if dark and start is None:
                start = column
            elif not dark and start is not None:
                yield Box(x + start * module, y + size - (row + 1) * module, (column - start) * module, module)
                start = None


def render_pdf(data: LabelData) -> bytes:
    """The label as a one-page PDF, the same bytes for the same data."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(WIDTH, HEIGHT), pageCompression=0, invariant=1)
    canvas.setTitle(f"Label {data.waybill}")
    boxes, texts = layout(data)
    for box in boxes:
        canvas.rect(box.x, box.y, box.width, box.height, stroke=0, fill=1)
    for text in texts:
        canvas.setFont("Helvetica-Bold" if text.bold else "Helvetica", text.size)
        canvas.drawString(text.x, text.y, printable(text.text))
    canvas.showPage()
    canvas.save()
    return file.getvalue()


def printable(text: str) -> str:
    """`text` in the letters of the built-in PDF fonts (Latin-1): others lose their accents, as on postal labels."""
    result = []
    for character in text.translate(_PLAIN):
        try:
            character.encode("latin-1")
            result.append(character)
        except UnicodeEncodeError:
            plain = unicodedata.normalize("NFKD", character).encode("latin-1", "ignore").decode("latin-1")
            result.append(plain or "?")
    return "".join(result)
