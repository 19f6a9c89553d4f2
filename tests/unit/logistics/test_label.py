"""Every label printed is read again: bars and QR of the PDF itself, drawn from its content stream."""

import re

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from logistics.contracts import Address
from logistics.shipments.label import HEIGHT, WIDTH, LabelData, printable, render_pdf
from logistics.shipments.rules import sscc, waybill_number

SCALE = 6
RECTANGLE = re.compile(rb"(?:^|\n)(?:n )?([-\d.]+) ([-\d.]+) ([-\d.]+) ([-\d.]+) re f")


def drawn(pdf: bytes) -> Image.Image:
    """A picture of all filled rectangles of the page."""
    image = Image.new("L", (int(WIDTH * SCALE), int(HEIGHT * SCALE)), 255)
    pen = ImageDraw.Draw(image)
    found = RECTANGLE.findall(pdf)
    assert len(found) > 100
    for x, y, width, height in ([float(value) for value in row] for row in found):
        pen.rectangle(
            (round(x * SCALE), round((HEIGHT - y - height) * SCALE), round((x + width) * SCALE) - 1,
             round((HEIGHT - y) * SCALE) - 1), fill=0,
        )  # fmt: skip
    return image


def label(postcode="1100-053", country="PT", sequence=1_000):
    return LabelData(
        carrier_name="Ruta Express", service_name="Ruta 24", waybill=waybill_number(sequence), carrier_number="RX1",
        sscc=sscc(sequence), reference="LJ-1", contents="Ceramic bowl", weight_grams=1_200,
        sender=Address("Taller Łuna", "Calle Mayor 1", "Zaragoza", "50001", "ES"),
        recipient=Address("Ana Prueba", "Rua Augusta 10", "Lisboa", postcode, country, phone="+351 911 222 333"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("postcode", "country"), [("1100-053", "PT"), ("28013", "ES"), ("SW1A 1AA", "GB"), ("", "IE"), ("100-0001", "JP")]
)
def test_the_printed_codes_are_read_back(postcode, country):
    data = label(postcode, country)
    pdf = render_pdf(data)
    texts = [code.text for code in zxingcpp.read_barcodes(drawn(pdf))]
    assert any(data.sscc in text and data.waybill not in text for text in texts), texts
    plain = "".join(char for char in postcode if char.isalnum()).upper() or "0"
    assert any(text.replace("(", "").replace(")", "").replace("\x1d", "") == f"420{plain}" for text in texts), texts
    assert any(data.waybill in text and data.sscc in text for text in texts), texts


def test_the_label_masks_the_phone_and_is_the_same_each_time():
    pdf = render_pdf(label())
    assert pdf == render_pdf(label())
    assert b"911" not in pdf
    assert b"*** *** 333" in pdf
    assert b"Ana Prueba" in pdf


def test_letters_outside_of_latin_1_lose_their_accents():
    assert printable("Łódź Ñandú ș") == "Lódz Ñandú s"
