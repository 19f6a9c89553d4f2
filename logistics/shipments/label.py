"""The shipping label: one layout model in printer's dots (203 per inch, origin at the top left, 4 x 6 inches).

Zones as on the GS1 common label: A sender, G sort code (AI 403), B recipient with a masked phone, C postcode bars (AI 420 or
421), D carrier and waybill, E/F reference, contents and weight, a GS1 Data Matrix with the Scan4Transport identifiers, and
the SSCC bars (AI 00). `label_output` draws it as PDF or ZPL: both show the same boxes, so a test reads both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import quote

import pycountry
from reportlab.graphics.barcode.code128 import Code128

from logistics.contracts import Address
from logistics.shipments.datamatrix import FNC1, Bits, encode
from logistics.shipments.rules import masked_phone

DPI: Final = 203
WIDTH, HEIGHT = 812, 1218
MARGIN: Final = 32
CODE128_FNC1: Final = "\xf1"
SSCC_MODULE: Final = 4
"""Dots: 0.50 mm, the least GS1 allows for logistic labels."""
POSTCODE_MODULE: Final = 3
LARGE_MATRIX: Final = 52
"""Modules per side from which on they are drawn a dot smaller (0.38 mm), to stay within their zone."""
MATRIX_PLACE: Final = (540, 580)
NAME_LENGTH, LINE_LENGTH = 35, 70
"""Longest values of names and services, and of address lines, in the Scan4Transport code (encoded)."""


PRINTED: Final = {"DANGEROUS": "DANGEROUS GOODS", "FRAGILE": "FRAGILE", "PERISHABLE": "PERISHABLE"}


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
    marks: tuple[str, ...] = ()
    first_hub: str = ""
    """Where the first of several carriers brings the parcel, as country and code."""

    @property
    def warning(self) -> str:
        """What whoever handles it must know. That it is of high value is told to nobody on the way."""
        return " · ".join(PRINTED[mark] for mark in self.marks if mark in PRINTED)

    @property
    def sort_code(self) -> str:
        """What a sorter reads from afar: the hub where the next carrier waits, else country and start of the postcode."""
        return self.first_hub or f"{self.recipient.country}-{_plain(self.recipient.postcode)[:3] or '000'}"


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text whose letters are `size` dots high, its top left corner at (x, y)."""

    x: int
    y: int
    size: int
    text: str
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Matrix:
    """Dark and light modules, each `module` dots wide."""

    x: int
    y: int
    module: int
    bits: Bits


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything on one label."""

    title: str
    boxes: tuple[Box, ...]
    texts: tuple[Text, ...]
    matrix: Matrix


def layout(data: LabelData) -> Layout:
    """Place everything."""
    boxes = [
        *(Box(MARGIN, y, WIDTH - 2 * MARGIN, 3) for y in (170, 480, 566, 800)),
        *code128_boxes(postcode_bars(data), x=MARGIN + 8, y=418 - 78, height=90, module=POSTCODE_MODULE),
        *code128_boxes(f"{CODE128_FNC1}00{data.sscc}", x=94, y=850, height=270, module=SSCC_MODULE),
    ]
    x, y = MATRIX_PLACE
    bits = encode(scan_text(data))
    matrix = Matrix(x, y, 4 if len(bits) <= LARGE_MATRIX else 3, bits)
    return Layout(f"Label {data.waybill}", tuple(boxes), tuple(_texts(data)), matrix)


def postcode_bars(data: LabelData) -> str:
    """AI 420 within one country, AI 421 with the ISO number of the country across borders."""
    postcode = _plain(data.recipient.postcode)
    if data.sender.country == data.recipient.country:
        return f"{CODE128_FNC1}420{(postcode or '0')[:20]}"
    return f"{CODE128_FNC1}421{_country_number(data.recipient.country)}{(postcode or '0')[:9]}"


def scan_text(data: LabelData) -> str:
    """The GS1 element string of the Scan4Transport code. Texts are percent-encoded, as the standard wants; no phone."""
    to, sender = data.recipient, data.sender
    elements = (
        ("403", data.sort_code), ("4301", _text(to.name, NAME_LENGTH)),
        ("4302", _text(to.street, LINE_LENGTH)), ("4305", _text(to.city, LINE_LENGTH)),
        ("4306", _text(to.region, LINE_LENGTH)), ("4307", to.country), ("4317", sender.country),
        ("4320", _text(data.service_name, NAME_LENGTH)), ("4321", "1" if "DANGEROUS" in data.marks else ""),
        ("420", _plain(to.postcode)[:20]), ("91", data.waybill),
    )  # fmt: skip
    return f"{FNC1}00{data.sscc}" + FNC1.join(f"{ai}{value}" for ai, value in elements if value)


def _text(text: str, most: int) -> str:
    """Percent-encoded, shortened by whole letters until it fits."""
    kept = " ".join(text.split())[:most]
    while len(found := quote(kept, safe="").replace("%20", "+").replace("~", "%7E")) > most:
        kept = kept[:-1]
    return found


def _plain(postcode: str) -> str:
    return "".join(letter for letter in postcode if letter.isascii() and letter.isalnum()).upper()


@lru_cache(maxsize=512)
def _country_number(country: str) -> str:
    found = pycountry.countries.get(alpha_2=country)
    return str(found.numeric) if found else "000"


def _texts(data: LabelData) -> Iterator[Text]:
    sender, to = data.sender, data.recipient
    yield Text(MARGIN, 30, 18, "FROM")
    yield Text(MARGIN, 54, 24, sender.name[:36], bold=True)
    yield Text(MARGIN, 84, 24, sender.street[:38])
    yield Text(MARGIN, 114, 24, f"{sender.postcode} {sender.city} {sender.country}"[:38])
    yield Text(540, 60, 64, data.sort_code, bold=True)
    yield Text(MARGIN, 184, 18, "TO")
    yield Text(MARGIN, 204, 38, to.name[:34], bold=True)
    yield Text(MARGIN, 246, 32, to.street[:44])
    yield Text(MARGIN, 282, 38, f"{to.postcode} {to.city}"[:34], bold=True)
    yield Text(470, 346, 30, f"{to.region} {to.country}".strip()[:22])
    yield Text(470, 386, 26, masked_phone(to.phone))
    yield Text(MARGIN + 8, 440, 24, postcode_text(data))
    yield Text(MARGIN, 496, 34, f"{data.carrier_name} · {data.service_name}"[:42], bold=True)
    yield Text(MARGIN, 534, 22, f"{data.carrier_number}   {data.position}/{data.pieces}")
    yield Text(MARGIN, 590, 34, data.waybill, bold=True)
    yield Text(MARGIN, 640, 24, data.reference[:34])
    yield Text(MARGIN, 672, 24, data.contents[:34])
    yield Text(MARGIN, 704, 24, f"{data.weight_grams / 1000:.2f} kg")
    if data.warning:
        yield Text(MARGIN, 732, 24, data.warning, bold=True)
    yield Text(MARGIN, 762, 20, "Undeliverable: return to sender")
    yield Text(94, 1132, 34, f"(00) {data.sscc}", bold=True)
    yield Text(MARGIN, 1184, 18, "Lonja demo network · not a licensed GS1 prefix")


def postcode_text(data: LabelData) -> str:
    bars = postcode_bars(data)
    return f"({bars[1:4]}) {bars[4:]}"


def code128_boxes(value: str, *, x: int, y: int, height: int, module: int) -> Iterator[Box]:
    """The bars of a Code 128 symbol; `value` starts with FNC1 for GS1-128. Module width in dots."""
    code = Code128(value, quiet=0)
    code.validate()  # type: ignore[no-untyped-call]
    code.encode()  # type: ignore[no-untyped-call]
    code.decompose()  # type: ignore[no-untyped-call]
    for letter in code.decomposed:
        width = (ord(letter.lower()) - ord("a") + 1) * module
        if letter.isupper():
            yield Box(x, y, width, height)
        x += width
